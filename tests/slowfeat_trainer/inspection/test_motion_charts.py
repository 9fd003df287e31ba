"""Drawings show what they are given: gaps, extremes, shares."""

from __future__ import annotations

import re

import numpy as np
import pytest

from slowfeat_trainer.inspection import histogram
from slowfeat_trainer.inspection import motion_charts as charts
from slowfeat_trainer.inspection.motion_charts import Line
from slowfeat_trainer.inspection.report_text import BAR, bar
from slowfeat_trainer.page.charts import thinned
from slowfeat_trainer.page.plots import drawn_reach, motion_plot


def test_a_pause_is_a_hole_in_the_timeline() -> None:
    t = np.arange(0, 100, 0.1)
    t = t[(t < 40) | (t > 60)]
    svg = charts.timeline([("images", t), ("motion", np.arange(0, 100, 0.05))], 100.0)
    assert svg.count('class="there"') == 3
    assert svg.count('class="hole"') == 2
    widths = [float(w) for w in re.findall(r'class="there"[^>]* width="([\d.]+)"', svg)]
    assert widths[0] == pytest.approx(widths[1], rel=0.02)
    assert sum(widths[:2]) == pytest.approx(0.8 * widths[2], rel=0.02)


def test_lines_break_where_nothing_is_known() -> None:
    values = np.array([1.0, 2.0, np.nan, 3.0, 4.0])
    svg = charts.line_chart([Line("speed", "one", np.arange(5.0), values)], "speed")
    path = re.search(r'class="one" d="([^"]*)"', svg)
    assert path is not None
    assert path.group(1).count("M") == 2
    assert "nan" not in svg


def test_thinning_keeps_a_single_peak() -> None:
    values = np.zeros(100_000)
    values[54_321] = 7.0
    t, kept = thinned(np.arange(100_000.0), values)
    assert len(t) <= charts.POINTS
    assert kept.max() == 7.0
    assert t[np.argmax(kept)] == 54_321


def test_the_path_turns_left_to_the_left_and_is_not_drawn_across_a_jump() -> None:
    xy = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [9.0, 9.0]])
    svg = charts.trajectory_plot(xy, np.array([True, True, False]))
    lines = re.findall(r'x1="([\d.]+)" y1="([\d.]+)" x2="([\d.]+)" y2="([\d.]+)"', svg)
    assert len(lines) == 2
    (x1, y1, x2, y2), (x3, _, x4, _) = (map(float, line) for line in lines)
    assert x1 == x2
    assert y2 < y1
    assert x4 < x3


def test_histograms_count_what_they_say() -> None:
    motions = np.zeros((10, 6))
    motions[:, 5] = np.deg2rad([-30, -7, -7, 0, 0, 0, 3, 3, 15, 40])
    motions[:, 0] = [0.0, 0.0, 0.1, 0.1, 0.1, 0.2, 0.2, 0.2, 0.2, 0.5]
    turns = dict(zip(histogram.turns(motions).labels, histogram.turns(motions).shares, strict=True))
    assert turns["below -20"] == turns["above 20"] == turns["10 to 20"] == 0.1
    assert turns["-10 to -5"] == turns["2 to 5"] == 0.2
    assert turns["-2 to 2"] == 0.3
    forward = histogram.forward(motions)
    assert sum(forward.shares) == pytest.approx(1.0)
    assert dict(zip(forward.labels, forward.shares, strict=True))["0.15 to 0.25"] == 0.4


@pytest.mark.parametrize("motions", [np.zeros((0, 6)), np.zeros((5, 6))])
def test_histograms_of_nothing_and_of_standing_still(motions: np.ndarray) -> None:
    for chart in (histogram.turns(motions), histogram.forward(motions)):
        assert sum(chart.shares) == (1.0 if len(motions) else 0.0)


def test_bars_are_as_long_as_their_shares() -> None:
    assert bar(0.5, 0.5) == "█" * BAR
    assert bar(0.25, 0.5) == "█" * (BAR // 2)
    assert bar(0.0, 0.5) == bar(0.0, 0.0) == ""


@pytest.mark.parametrize("xy", [(1.0, 0.0), (0.1, 1.0), (0.0, -1.0), (-1.0, 0.2)])
def test_motions_to_all_sides_stay_in_their_drawing(xy: tuple[float, float]) -> None:
    motion = np.array([*xy, 0, 0, 0, 0])
    svg = motion_plot(motion, drawn_reach(motion[None]), "motion")
    place = re.search(r'"after".*translate\(([\d.-]+) ([\d.-]+)\)', svg)
    assert place is not None
    # Half a robot away from the edge of 120.
    assert 8 < float(place.group(1)) < 112
    assert 8 < float(place.group(2)) < 115
