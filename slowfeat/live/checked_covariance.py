"""Covariances of odometry widened by what the images say of it, for filters that fuse it. Knows
no ROS.

A filter weighs its sources by their covariance, and wheels that slip report the same as ever. Where
the images fit `scale` times the reported motion, the twist is off by |scale - 1| of itself: that
squared is added to its variance, and the error of the pose grows by it with every step. Where
odometry is STALE nothing is known: its variances are multiplied by STALE_TIMES.
"""

from __future__ import annotations

import math

import numpy as np

from slowfeat.geometry import Array
from slowfeat.live.input_health import Level
from slowfeat.live.odometry_health import OdometryHealth

STALE_TIMES = 100.0
# Drivers that leave their covariance zero mean that they do not know; m/s or m, rad/s or rad.
LEAST_STD = 0.01
# A doubt without a better scale: predictions miss by more than expected, or it jumped; share of the
# motion.
DOUBT = 1.0


def doubt_of(health: OdometryHealth) -> float:
    """By which share of itself the reported motion may be off; 0
    where nothing is known against it.
    """
    if health.level is not Level.WARN:
        return 0.0
    if math.isfinite(health.scale) and health.scale != 1.0 and health.scale_gain > 0.0:
        return abs(health.scale - 1.0)
    return DOUBT


class CheckedCovariance:
    """Widens one message after another."""

    def __init__(self) -> None:
        # What doubted steps have added to the variance of the pose: m^2 and rad^2.
        self._added = np.zeros(2)

    def clear(self) -> None:
        """Forget the doubts so far (odometry began anew)."""
        self._added[:] = 0.0

    def widen(
        self,
        health: OdometryHealth,
        pose: Array,
        twist: Array,
        velocity: tuple[float, float],
        step: tuple[float, float],
    ) -> tuple[Array, Array]:
        """The covariances (6, 6) of pose and twist as they should be.

        Args:
            health: what is known of this odometry.
            pose: (6, 6) covariance of the pose as it came, x y z, rotations about x y z; m, rad.
            twist: (6, 6) of the twist; m/s, rad/s.
            velocity: lengths of the reported velocities, m/s and rad/s.
            step: lengths of the step of the pose since the message before, m and rad.
        """
        times = STALE_TIMES if health.level is Level.STALE else 1.0
        doubt = doubt_of(health)
        # Steps of one doubt all err alike: their errors add, not their squares.
        self._added = (np.sqrt(self._added) + doubt * np.abs(step)) ** 2
        off = (doubt * np.abs(velocity)) ** 2
        return (
            _widened(pose, times, np.repeat(self._added, 3)),
            _widened(twist, times, np.repeat(off, 3)),
        )


def _widened(covariance: Array, times: float, added: Array) -> Array:
    floor = np.maximum(np.diag(covariance), LEAST_STD**2)
    widened = np.array(covariance, dtype=np.float64)
    np.fill_diagonal(widened, floor)
    return np.asarray(times * widened + np.diag(added))
