"""Covariances say what the images say of odometry."""

from __future__ import annotations

import numpy as np
import pytest

from slowfeat.live.checked_covariance import LEAST_STD, STALE_TIMES, CheckedCovariance
from slowfeat.live.input_health import Level
from slowfeat.live.odometry_health import OdometryHealth

POSE, TWIST = np.diag([0.04] * 6), np.diag([0.01] * 6)
OK = OdometryHealth(Level.OK, "", ratio=1.0, scale=1.0)
SLIP = OdometryHealth(Level.WARN, "", ratio=1.5, scale=0.67, scale_gain=0.6)


def test_healthy_odometry_keeps_its_covariances() -> None:
    pose, twist = CheckedCovariance().widen(OK, POSE, TWIST, (0.5, 0.1), (0.01, 0.0))
    np.testing.assert_allclose(pose, POSE)
    np.testing.assert_allclose(twist, TWIST)


def test_zero_covariances_get_a_floor() -> None:
    zero = np.zeros((6, 6))
    pose, _ = CheckedCovariance().widen(OK, zero, zero, (0.5, 0.1), (0.01, 0.0))
    np.testing.assert_allclose(np.diag(pose), LEAST_STD**2)


def test_a_scale_that_is_off_widens_the_twist_by_its_error_and_the_pose_with_every_step() -> None:
    covariance = CheckedCovariance()
    for _ in range(100):
        pose, twist = covariance.widen(SLIP, POSE, TWIST, (0.5, 0.2), (0.01, 0.004))
    assert twist[0, 0] - 0.01 == pytest.approx((0.33 * 0.5) ** 2)
    assert twist[5, 5] - 0.01 == pytest.approx((0.33 * 0.2) ** 2)
    assert pose[1, 1] - 0.04 == pytest.approx((0.33 * 1.0) ** 2)
    assert pose[5, 5] - 0.04 == pytest.approx((0.33 * 0.4) ** 2)
    # What was driven in doubt stays in doubt; no more is added once it is well.
    again, twist = covariance.widen(OK, POSE, TWIST, (0.5, 0.2), (0.01, 0.004))
    np.testing.assert_allclose(again, pose)
    np.testing.assert_allclose(twist, TWIST)
    covariance.clear()
    assert covariance.widen(OK, POSE, TWIST, (0.0, 0.0), (0.0, 0.0))[0][0, 0] == pytest.approx(0.04)


def test_doubt_without_a_better_scale_is_of_the_whole_motion() -> None:
    jumped = OdometryHealth(Level.WARN, "odometry jumped")
    _, twist = CheckedCovariance().widen(jumped, POSE, TWIST, (0.5, 0.0), (0.01, 0.0))
    assert twist[0, 0] == pytest.approx(0.01 + 0.25)


def test_stale_odometry_is_trusted_a_hundred_times_less() -> None:
    pose, twist = CheckedCovariance().widen(
        OdometryHealth(Level.STALE, ""), POSE, TWIST, (0.5, 0.0), (0.01, 0.0)
    )
    np.testing.assert_allclose(pose, STALE_TIMES * POSE)
    np.testing.assert_allclose(twist, STALE_TIMES * TWIST)
