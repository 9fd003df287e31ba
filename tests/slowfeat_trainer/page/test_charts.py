"""Drawings of the page: spreads by hand, marks only where there is a number, titles as text."""

from __future__ import annotations

import re

import numpy as np

from slowfeat_trainer.page.charts import POINTS, Axes, Box, Line, box_chart, line_chart, thinned


def test_a_box_by_hand() -> None:
    box = Box.of("run", "s0", np.arange(101.0))
    assert box.levels == (10, 25, 50, 75, 90)
    assert box.mean == 50
    one = Box.of("run", "s0", np.array([3.0]))
    assert (set(one.levels), one.mean) == ({3.0}, 3.0)


def test_what_is_beyond_the_axis_is_drawn_at_its_end() -> None:
    drawn = box_chart(
        [("turn", [Box.of("run", "s0", np.array([0.0, 1.0, 50.0]))])], "errors", 1.0, 2.0
    )
    width = float(re.search(r'viewBox="0 0 (\d+)', drawn).group(1))  # type: ignore[union-attr]
    assert max(float(x) for x in re.findall(r"H([\d.]+)", drawn)) <= width
    assert max(float(x) for x in re.findall(r'cx="([\d.]+)"', drawn)) <= width


def test_marks_stand_where_there_is_a_number() -> None:
    values = np.array([0.5, np.nan, 0.7])
    drawn = line_chart([Line("slow", "s1", np.arange(3.0), values, dots=True)], "slowness")
    assert drawn.count("<circle") == 2
    assert "nan" not in drawn
    plain = line_chart([Line("slow", "s1", np.arange(3.0), values)], "slowness")
    assert plain.count("<circle") == 0


def test_axes_keep_the_ends_they_are_given() -> None:
    line = Line("precision", "s0", np.array([0.2, 0.8]), np.array([0.9, 0.9]))
    axes = Axes(unit="", x_range=(0, 1), y_range=(0, 1), width=440)
    drawn = line_chart([line], "curve", axes)
    assert {"0", "0.5", "1"} <= set(re.findall(r">([\d.]+)</text>", drawn))
    # A narrow drawing needs no box that scrolls.
    assert 'class="plot"' in drawn
    upper = line_chart([line], "curve", Axes(y_range=(0.5, 1.0)))
    assert ">0<" not in re.sub(r">0 s<", "", upper)
    assert ">0.8<" in upper


def test_thinning_keeps_a_single_peak() -> None:
    values = np.zeros(100_000)
    values[54_321] = 7.0
    t, kept = thinned(np.arange(100_000.0), values)
    assert len(t) <= POINTS
    assert kept.max() == 7.0
    assert t[np.argmax(kept)] == 54_321
