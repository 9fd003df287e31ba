"""Drawings show what they are given: gaps, extremes, shares."""

from __future__ import annotations

import re

import numpy as np
import pytest

from slowfeat_trainer.inspection import motion_charts as charts
from slowfeat_trainer.inspection.motion_charts import Line


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


def test_the_path_turns_left_to_the_left_and_is_not_drawn_across_a_jump() -> None:
    xy = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [9.0, 9.0]])
    svg = charts.trajectory_plot(xy, np.array([True, True, False]))
    lines = re.findall(r'x1="([\d.]+)" y1="([\d.]+)" x2="([\d.]+)" y2="([\d.]+)"', svg)
    assert len(lines) == 2
    (x1, y1, x2, y2), (x3, _, x4, _) = (map(float, line) for line in lines)
    assert x1 == x2
    assert y2 < y1
    assert x4 < x3
