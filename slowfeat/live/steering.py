"""Which velocity leads a robot that drives and turns on the spot to a pose beside it. Knows no ROS.

The way there: the polar controller of Astolfi (1999), which drives arcs, forward or backward; what
is left of the heading is turned on the spot. Speeds fall with the distance that is left.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

# Gains on distance (1/s), bearing and final heading; stable for 0 < GAIN, FINAL < 0, BEARING >
# GAIN.
GAIN, BEARING, FINAL = 2.0, 4.0, -1.2
TURN_GAIN = 3.0
# A target further to the side than this is turned to on the spot first; rad.
ASIDE = 1.0
# Slower than this many tolerances a second, motors stand still short of the target.
CRAWL = 1.0


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
    # Commands without motion for so long mean that something is in the way, s; and once the robot
    # has moved.
    blocked_s: float = 1.0
    stalled_s: float = 0.2
    # Share of the path and of the angle of a motion that may be commanded beyond them.
    path_margin: float = 0.5


class Steering:
    """One motion's way, from the pose of the target as the body sees it.

    Args:
        backward: drive there backward.
        limits: read at every step.
    """

    def __init__(self, backward: bool, limits: Limits) -> None:
        self._backward = backward
        self._limits = limits
        self._is_there = False

    def step(self, x: float, y: float, yaw: float) -> Velocity | None:
        """The velocity for a target at x, y (m) and yaw (rad) as seen from the
        body; None where it is reached.
        """
        limits = self._limits
        distance = math.hypot(x, y)
        # Beside the target by less than three tolerances and past it: going back would take many
        # turns.
        past = (x > 0) == self._backward and distance < 3 * limits.tolerance_m
        self._is_there = self._is_there or distance <= limits.tolerance_m or past
        if not self._is_there:
            return self._drive(x, y, yaw, distance)
        return None if abs(yaw) <= limits.tolerance_rad else self._turn(yaw)

    def _turn(self, angle: float) -> Velocity:
        rate = max(TURN_GAIN * abs(angle), CRAWL * self._limits.tolerance_rad)
        return Velocity(0.0, math.copysign(min(rate, self._limits.turn_rate), angle))

    def _drive(self, x: float, y: float, yaw: float, distance: float) -> Velocity:
        bearing = math.atan2(y, x)
        if self._backward:
            bearing = math.remainder(bearing - math.pi, math.tau)
        if abs(bearing) > ASIDE:
            return self._turn(bearing)
        limits = self._limits
        speed = max(GAIN * distance, CRAWL * limits.tolerance_m)
        turn = BEARING * bearing + FINAL * math.remainder(yaw - bearing, math.tau)
        # Both slowed alike, so that the arc stays the same.
        slow = min(1.0, limits.speed / speed, limits.turn_rate / max(abs(turn), 1e-9))
        forward = slow * speed * math.cos(bearing)
        return Velocity(-forward if self._backward else forward, slow * turn)
