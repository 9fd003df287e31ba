"""Drives whose motion comes from elsewhere than wheel odometry."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from slowfeat.geometry import relative_motion
from slowfeat_papers.jayaraman.other_motion import disturbed, furthest
from tests.helpers.straight_drives import drive


def test_poses_of_visual_odometry_are_off_a_little_and_always_alike():
    first, again = (disturbed(drive(), 0).poses for _ in range(2))
    np.testing.assert_array_equal(first, again)
    steps = relative_motion(first[:-1], first[1:])
    assert 0.06 < steps[:, 0].mean() < 0.14
    assert 0.005 < steps[:, 5].std() < 0.02


def test_how_far_poses_are_off():
    assert furthest([drive(), drive()], [drive()]) == 0.0
    moved = dataclasses.replace(drive(), poses=drive().poses + 0.25)
    assert furthest([drive(), moved], [drive(), drive()]) == pytest.approx(0.25)
    assert furthest([drive(99)], [drive(100)]) == float("inf")
