"""Drawings: directions, colours, and what is drawn of next to nothing."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from slowfeat_trainer.page import plots
from slowfeat_trainer.page.plots import drawn_reach, motion_plot


def test_a_turn_to_the_left_points_left():
    # SVG turns clockwise for positive angles, and its x grows to the right.
    svg = plots.motion_plot(np.array([0.5, 0.2, 0, 0, 0, np.pi / 2]), 1.0, "turn")
    x, y, angle = map(
        float,
        re.search(r'"after".*translate\(([\d.-]+) ([\d.-]+)\) rotate\(([\d.-]+)', svg).groups(),
    )
    assert angle == -90
    assert x < 60
    assert y < 92


def test_the_colours_run_over_the_whole_scale():
    assert plots.time_colour(0) == "#7a48c4"
    assert plots.time_colour(1) == "#e2b414"
    assert plots.heading_colour(0.0) == plots.heading_colour(2 * np.pi)


@pytest.mark.parametrize("count", [0, 1])
def test_a_drawing_of_next_to_nothing_is_still_a_drawing(count):
    points = np.ones((count, 2))
    svg = plots.scatter_plot(points[:, 0], points[:, 1], np.zeros(count, bool), "x", "y")
    # As XML it is sound: every element is closed in order.
    assert ElementTree.fromstring(svg).tag == "svg"  # noqa: S314 - our own
    assert "nan" not in plots.path_plot(np.ones((1, 2)), ["#000000"], points, "path")


@pytest.mark.parametrize("xy", [(1.0, 0.0), (0.1, 1.0), (0.0, -1.0), (-1.0, 0.2)])
def test_motions_to_all_sides_stay_in_their_drawing(xy: tuple[float, float]) -> None:
    motion = np.array([*xy, 0, 0, 0, 0])
    svg = motion_plot(motion, drawn_reach(motion[None]), "motion")
    place = re.search(r'"after".*translate\(([\d.-]+) ([\d.-]+)\)', svg)
    assert place is not None
    # Half a robot away from the edge of 120.
    assert 8 < float(place.group(1)) < 112
    assert 8 < float(place.group(2)) < 115
