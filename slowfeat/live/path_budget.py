"""How much path and angle one motion may command, whatever odometry says. Knows no ROS.

Odometry can be wrong in ways that go unnoticed, and a controller that believes it drives on. So
what is commanded is counted, and ends where it exceeds what an ideal robot would have needed, by a
margin.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import NamedTuple

from slowfeat.live.steering import STILL, Limits, Steering, Velocity

# Beside the share (Limits.path_margin): for the last tolerance and a robot that starts late; m,
# rad.
MARGIN_M = 0.1
MARGIN_RAD = 0.3
# Ideal robot: time between commands, s, and commands at most.
TICK_S = 0.05
MOST = 4000


class Path(NamedTuple):
    """Path driven, m, and angle turned, rad; both without sign."""

    metres: float
    radians: float


def ideal_path(x: float, y: float, yaw: float, backward: bool, limits: Limits) -> Path:
    """What an ideal robot drives and turns to get to x, y (m), yaw
    (rad) as seen from where it is.
    """
    # Speed changes no path; a slow robot would need many steps.
    limits = replace(limits, speed=max(limits.speed, 0.2), turn_rate=max(limits.turn_rate, 0.5))
    steering = Steering(backward, limits)
    metres = radians = 0.0
    for _ in range(MOST):
        velocity = steering.step(x, y, yaw)
        if velocity is None:
            break
        length, angle = velocity.forward * TICK_S, velocity.turn * TICK_S
        metres, radians = metres + abs(length), radians + abs(angle)
        # The target as seen from the body after this arc.
        chord = length * (math.sin(angle / 2) / (angle / 2) if abs(angle) > 1e-9 else 1.0)
        dx, dy = x - chord * math.cos(angle / 2), y - chord * math.sin(angle / 2)
        cosine, sine = math.cos(angle), math.sin(angle)
        x, y = cosine * dx + sine * dy, -sine * dx + cosine * dy
        yaw = math.remainder(yaw - angle, math.tau)
    return Path(metres, radians)


class PathBudget:
    """Counts what is commanded over one motion.

    Args:
        asked: path of the motion, as by `ideal_path`.
        margin: share of it that may be commanded beyond.
        now_s: the clock, s.
    """

    def __init__(self, asked: Path, margin: float, now_s: float) -> None:
        self.most = Path(
            (1 + margin) * asked.metres + MARGIN_M, (1 + margin) * asked.radians + MARGIN_RAD
        )
        self._metres = self._radians = 0.0
        self._last = STILL
        self._last_s = now_s

    @property
    def commanded(self) -> Path:
        """So far."""
        return Path(self._metres, self._radians)

    def allows(self, velocity: Velocity, now_s: float) -> bool:
        """Count the last command up to now, and say whether the next
        may be given for as long again.
        """
        passed_s = max(now_s - self._last_s, 0.0)
        self._metres += abs(self._last.forward) * passed_s
        self._radians += abs(self._last.turn) * passed_s
        self._last, self._last_s = velocity, now_s
        return (
            self._metres + abs(velocity.forward) * passed_s <= self.most.metres
            and self._radians + abs(velocity.turn) * passed_s <= self.most.radians
        )
