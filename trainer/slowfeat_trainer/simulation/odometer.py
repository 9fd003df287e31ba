"""Wheel odometry of a robot whose wheels slip and whose encoders are not exact."""

from __future__ import annotations

import math

import numpy as np

from slowfeat_trainer.simulation.bag_messages import relative_pose
from slowfeat_trainer.simulation.world import Pose

# Noise is told for steps of this size; m and rad.
STEP = 0.1


class Odometer:
    """Adds up the motions made, each with its error; starts at the origin.

    Args:
        start: true pose at the start.
        seed: of the noise.
    """

    def __init__(self, start: Pose, seed: int = 0) -> None:
        self.noise = 0.0
        self.slip = 0.0
        self.pose = Pose(0.0, 0.0, 0.0, 0.0)
        self._true = start
        self._random = np.random.default_rng(seed)

    def step(self, true: Pose) -> Pose:
        """Take in the next true pose; returns what odometry says.

        The variance of the error grows with the way, so that it does not depend on how often this is called.
        """
        made = relative_pose(self._true, true)
        self._true = true
        scale = 1.0 / (1.0 - self.slip)
        forward, left = made.x * scale, made.y * scale
        distance, turn = math.hypot(forward, left), made.yaw * scale
        along = self.noise * math.sqrt(STEP * distance) * float(self._random.normal())
        turn += self.noise * math.sqrt(STEP * abs(turn)) * float(self._random.normal())
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
