"""Wheel odometry of a robot whose wheels slip and whose encoders are not exact."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from slowfeat.errors import UsageError
from slowfeat_trainer.simulation.bag_messages import relative_pose
from slowfeat_trainer.simulation.world import Pose

# Noise is given for steps of this size; m and rad.
STEP = 0.1


@dataclass(frozen=True)
class OdometryErrors:
    """How the odometry of a simulated robot errs.

    What it reports of the turn made is

        yaw_scale * turn / (1 - slip) + yaw_bias * seconds + noise of yaw_noise * sqrt(seconds).
    """

    # Radians a second, to the left positive, that are reported beside the turn made.
    yaw_bias: float = 0.0
    # Standard deviation of the turn's error after one second, radians; it grows with the root of
    # the time.
    yaw_noise: float = 0.0
    # Reported turn for a turn of one; negative where the sign is wrong.
    yaw_scale: float = 1.0
    # Share of the wheels' distance that slips: reported is 1 / (1 - slip) times the motion made.
    slip: float = 0.0
    # Seconds by which the odometry's stamps run ahead of the images'.
    ahead_s: float = 0.0

    def validate(self) -> None:
        """Raise `UsageError` for what no odometry does."""
        checks = [
            ("--yaw-bias", abs(self.yaw_bias), 0.0, math.radians(180)),
            ("--yaw-noise", self.yaw_noise, 0.0, math.radians(180)),
            ("--yaw-scale", abs(self.yaw_scale), 0.01, 100.0),
            ("--slip", self.slip, 0.0, 0.9),
            ("--odom-ahead", abs(self.ahead_s), 0.0, 10.0),
        ]
        for flag, value, low, high in checks:
            if not low <= value <= high:
                raise UsageError(f"{flag} lies outside [{low:.3g}, {high:.3g}] (radians, seconds)")


class Odometer:
    """Adds up the motions made, each with its error; starts at the origin.

    Args:
        start: true pose at the start.
        seed: of the noise.
        errors: how it errs beside `noise`; None for no such error.
    """

    def __init__(self, start: Pose, seed: int = 0, errors: OdometryErrors | None = None) -> None:
        self.errors = errors or OdometryErrors()
        self.noise = 0.0
        self.slip = self.errors.slip
        self.pose = Pose(0.0, 0.0, 0.0, 0.0)
        self._true = start
        self._random = np.random.default_rng(seed)

    def step(self, true: Pose, seconds: float = 0.0) -> Pose:
        """Take in the next true pose, `seconds` after the one before; returns what odometry says.

        The variance of the errors grows with distance and time, so that it does not depend on how
        often this is called.
        """
        made = relative_pose(self._true, true)
        self._true = true
        scale = 1.0 / (1.0 - self.slip)
        forward, left = made.x * scale, made.y * scale
        distance, turn = math.hypot(forward, left), made.yaw * scale
        along = self.noise * math.sqrt(STEP * distance) * float(self._random.normal())
        turn += self.noise * math.sqrt(STEP * abs(turn)) * float(self._random.normal())
        turn = self.errors.yaw_scale * turn + self.errors.yaw_bias * seconds
        turn += self.errors.yaw_noise * math.sqrt(seconds) * float(self._random.normal())
        if distance > 0:
            forward, left = (part * (1.0 + along / distance) for part in (forward, left))
        cos, sin = math.cos(self.pose.yaw), math.sin(self.pose.yaw)
        self.pose = Pose(
            self.pose.x + cos * forward - sin * left,
            self.pose.y + sin * forward + cos * left,
            self.pose.z + made.z,
            self.pose.yaw + turn,
        )
        return self.pose

    def reset(self, true: Pose) -> None:
        """Back to the origin; the robot was put somewhere else."""
        self._true, self.pose = true, Pose(0.0, 0.0, 0.0, 0.0)
