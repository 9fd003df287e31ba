"""Making one motion under odometry feedback: velocity commands until the body is where it was asked to be.

For a robot that drives and turns on the spot. The motion's x, y and yaw are driven, the rest is not.
Knows no ROS.

The way there: the polar controller of Astolfi (1999), which drives arcs, forward or backward; what is left of
the heading is turned on the spot. Speeds fall with the distance that is left.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

import numpy as np

from slowfeat.geometry import Array, motion_matrix, relative_motion

# Gains on distance (1/s), bearing and final heading; stable for 0 < GAIN, FINAL < 0, BEARING > GAIN.
GAIN, BEARING, FINAL = 2.0, 4.0, -1.2
TURN_GAIN = 3.0
# A target further to the side than this is turned to on the spot first; rad.
ASIDE = 1.0
# Slower than this many tolerances a second, motors stand still short of the target.
CRAWL = 1.0
# Less than this share of what was commanded is made: something is in the way.
BLOCKED_SHARE = 0.2


class Outcome(IntEnum):
    """How a motion ended; the numbers are those of slowfeat_interfaces/ViewMove."""

    REACHED = 0
    BLOCKED = 1
    TIMED_OUT = 2
    ODOMETRY_LOST = 3
    STOPPED = 4


class Velocity(NamedTuple):
    """What the body is to do: m/s forward, rad/s to the left."""

    forward: float
    turn: float


STILL = Velocity(0.0, 0.0)


@dataclass
class Limits:
    """What a motion may do."""

    # m/s and rad/s, both ways.
    speed: float = 0.3
    turn_rate: float = 0.8
    # A motion that takes longer is given up, s.
    time_s: float = 10.0
    # Near enough, m and rad.
    tolerance_m: float = 0.03
    tolerance_rad: float = 0.04
    # Commands without motion for so long mean that something is in the way, s.
    blocked_s: float = 1.0


class Move:
    """One motion from its start to its outcome.

    Args:
        asked: (6,) [m, rad] the motion.
        T_odom_start: (4, 4) pose of the body now.
        limits: what it may do.
        now_s: a clock, s.
    """

    def __init__(self, asked: Array, T_odom_start: Array, limits: Limits, now_s: float) -> None:
        self.asked = np.asarray(asked, dtype=np.float64)
        self.started_s = now_s
        self._limits = limits
        self.start = T_odom_start
        self._target = T_odom_start @ motion_matrix(self.asked)
        self._backward = float(self.asked[0]) < 0
        self._is_there = False
        # Since when, from which pose, and how much was commanded since (m, rad).
        self._watched: tuple[float, Array] = (now_s, T_odom_start)
        self._commanded = np.zeros(2)
        self._last_s = now_s
        self._last = STILL

    def made(self, T_odom_body: Array) -> Array:
        """The motion (6,) made so far."""
        return relative_motion(self.start, T_odom_body)

    def step(self, T_odom_body: Array, now_s: float) -> Velocity | Outcome:
        """What to do now, or how it ended.

        Args:
            T_odom_body: (4, 4) the newest pose.
            now_s: the clock.
        """
        limits = self._limits
        left = relative_motion(T_odom_body, self._target)
        distance = math.hypot(left[0], left[1])
        # Beside the target by less than three tolerances and past it: going back would take many turns.
        past = (left[0] > 0) == self._backward and distance < 3 * limits.tolerance_m
        self._is_there = self._is_there or distance <= limits.tolerance_m or past
        if self._is_there and abs(left[5]) <= limits.tolerance_rad:
            return Outcome.REACHED
        if now_s - self.started_s > limits.time_s:
            return Outcome.TIMED_OUT
        if self._is_blocked(T_odom_body, now_s):
            return Outcome.BLOCKED
        self._last = self._turn(left[5]) if self._is_there else self._drive(left, distance)
        return self._last

    def _turn(self, angle: float) -> Velocity:
        rate = max(TURN_GAIN * abs(angle), CRAWL * self._limits.tolerance_rad)
        return Velocity(0.0, math.copysign(min(rate, self._limits.turn_rate), angle))

    def _drive(self, left: Array, distance: float) -> Velocity:
        bearing = math.atan2(left[1], left[0])
        if self._backward:
            bearing = math.remainder(bearing - math.pi, math.tau)
        if abs(bearing) > ASIDE:
            return self._turn(bearing)
        limits = self._limits
        speed = max(GAIN * distance, CRAWL * limits.tolerance_m)
        turn = BEARING * bearing + FINAL * math.remainder(left[5] - bearing, math.tau)
        # Both slowed alike, so that the arc stays the same.
        slow = min(1.0, limits.speed / speed, limits.turn_rate / max(abs(turn), 1e-9))
        forward = slow * speed * math.cos(bearing)
        return Velocity(-forward if self._backward else forward, slow * turn)

    def _is_blocked(self, T_odom_body: Array, now_s: float) -> bool:
        """Whether the last `blocked_s` of commands moved the body far less than they should have."""
        self._commanded += np.abs(self._last) * (now_s - self._last_s)
        self._last_s = now_s
        since_s, pose = self._watched
        if now_s - since_s < self._limits.blocked_s:
            return False
        moved = relative_motion(pose, T_odom_body)
        drove, turned = math.hypot(moved[0], moved[1]), abs(float(moved[5]))
        limits, (wanted_m, wanted_rad) = self._limits, self._commanded
        self._watched, self._commanded = (now_s, T_odom_body), np.zeros(2)
        stuck = wanted_m > limits.tolerance_m and drove < BLOCKED_SHARE * wanted_m
        if wanted_m > limits.tolerance_m:
            return bool(stuck)
        return bool(wanted_rad > limits.tolerance_rad and turned < BLOCKED_SHARE * wanted_rad)
