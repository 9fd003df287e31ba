"""How far a motion lies outside the trained range, by hand; and what
that does to its expected error.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from slowfeat.view_selection.motion_range import STILL, excess, half_range, widened_error
from tests.conftest import tiny_info

# x from -1 to 3 m, yaw from -0.5 to 0.5 rad; the rest never moved.
INFO = dataclasses.replace(
    tiny_info(), motion_min=[-1.0, 0, 0, 0, 0, -0.5], motion_max=[3.0, 0, 0, 0, 0, 0.5]
)


def test_the_range_of_what_never_moved_is_as_wide_as_odometry_errs() -> None:
    assert half_range(INFO).tolist() == [2.0, STILL, STILL, STILL, STILL, 0.5]


def test_the_worst_component_counts_in_half_widths_beyond_the_edge() -> None:
    motions = np.zeros((5, 6))
    motions[1, 0] = 3.0  # on the edge
    motions[2, 0] = 5.0  # one half width of 2 m beyond
    motions[3, 5] = -1.5  # two half widths of 0.5 rad beyond
    motions[4, [0, 5]] = 5.0, -1.5
    assert excess(motions, INFO).tolist() == pytest.approx([0, 0, 1, 2, 2], abs=1e-4)
    assert excess(motions[1], INFO).tolist() == [0.0]
    sideways = np.array([0, 2 * STILL, 0, 0, 0, 0])
    assert excess(sideways, INFO) == pytest.approx([1.0], abs=1e-4)
    assert len(excess(np.zeros((0, 6)), INFO)) == 0


def test_numbers_that_travelled_as_float32_are_still_inside() -> None:
    edge = np.array([np.float32(3.0000001), 0, 0, 0, 0, np.float32(0.5000001)])
    assert excess(edge, INFO).tolist() == [0.0]


def test_one_half_width_beyond_doubles_the_expected_error() -> None:
    assert widened_error([0.2, 0.2, 0.4], [0.0, 1.0, 2.0]).tolist() == pytest.approx(
        [0.2, 0.4, 1.2]
    )
