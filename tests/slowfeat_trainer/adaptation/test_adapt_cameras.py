"""Motions of one robot as another robot's camera would have made them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from slowfeat.geometry import R_BODY_OPTICAL, quaternion_from_matrix
from slowfeat_trainer.adaptation.adapt_cameras import Mounts

ONES = np.ones(4)


def looking(yaw: float) -> list[float]:
    """Extrinsic of a camera that looks `yaw` to the left of ahead."""
    c, s = math.cos(yaw), math.sin(yaw)
    turn = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
    return [0.1, 0.0, 0.3, *quaternion_from_matrix(turn @ R_BODY_OPTICAL).tolist()]


def test_equal_cameras_need_no_map() -> None:
    for pose in (None, looking(0.7)):
        np.testing.assert_allclose(
            Mounts.of((pose, 1.2), (pose, 1.2)).motion_map(ONES), np.eye(6), atol=1e-9
        )


def test_a_longer_lens_makes_pans_larger_and_leaves_rolls() -> None:
    mounts = Mounts.of((None, math.pi / 2), (None, 2 * math.atan(0.5)))
    assert mounts.zoom == pytest.approx(2.0)
    pan, nod, roll = (mounts.motion_map(ONES)[:, k] for k in (5, 4, 3))
    assert pan[5] == pytest.approx(2.0)
    assert nod[4] == pytest.approx(2.0)
    assert roll[3] == pytest.approx(1.0)


def test_driving_ahead_is_driving_sideways_for_a_camera_that_looks_left() -> None:
    mounts = Mounts.of((None, None), (looking(math.pi / 2), None))
    ahead = mounts.motion_map(ONES) @ np.array([1.0, 0, 0, 0, 0, 0.4])
    # To the bundle, whose camera looks ahead, that is a robot that drives to its right; the pan
    # stays a pan.
    np.testing.assert_allclose(ahead, [0, -1, 0, 0, 0, 0.4], atol=1e-9)


def test_scales_are_of_the_robots_camera() -> None:
    mounts = Mounts.of((None, None), (looking(0.3), None))
    found = mounts.motion_map(np.array([1.0, 0.5, 1.0, 2.0]))
    assert found[5, 5] == pytest.approx(0.5)
    assert np.linalg.norm(found[:3, 0]) == pytest.approx(2.0)
    yaw = np.zeros((1, 6))
    yaw[0, 5] = 0.2
    # Panning is about the optical y axis, which points down.
    assert mounts.of_component(yaw, 1)[0] == pytest.approx(-0.2)
