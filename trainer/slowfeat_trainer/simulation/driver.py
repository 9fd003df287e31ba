"""Scripted exploration: how an ordinary wheeled robot would drive through a place it does not know.

Every few seconds, or when something comes near, it picks a new heading: open, ahead and little
visited headings are liked best. It steers there with limited accelerations and a slow random sway,
brakes for walls, turns on the spot for large changes, looks around now and then, and backs off
when it is stuck. A pure function of the seed and of what the world answers.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from slowfeat_trainer.simulation.level import ROBOT_RADIUS, UNITS_PER_M
from slowfeat_trainer.simulation.rays import cast_body
from slowfeat_trainer.simulation.world import Pose


@dataclass(frozen=True)
class DriveConfig:
    """How the robot drives."""

    # Speed on a free way, m/s.
    speed: float = 1.0
    # Fastest turn, rad/s.
    turn_rate: float = 1.5
    # Change of speed and of turn rate, m/s^2 and rad/s^2.
    acceleration: float = 1.2
    turn_acceleration: float = 4.0
    # Standard deviation of the random sway of the turn rate, rad/s; 0 = straight lines.
    sway: float = 0.45
    # Mean time between looks around on the spot, s; 0 = never.
    look_around_every: float = 10.0
    # A new heading at least this often, between these times, s.
    hold: tuple[float, float] = (1.5, 4.0)


HEADINGS = 36  # candidates for a new heading, all around
SIGHT_M = 12.0  # range of the scanner
NEAR_M = 1.3  # a wall ahead nearer than this asks for a new heading
STOP_M = 0.8  # a wall ahead nearer than this stops the robot (its own radius included)
SWAY_TIME_S = 0.8  # correlation time of the sway
STUCK_S = 0.3  # blocked for this long: back off
PUSH_SPEED = 0.15  # m/s, of wheels that push against something
BACK_OFF_S = 1.2
BACK_SPEED = -0.4  # m/s
# Doom's bodies are squares along the map's axes, wider on the diagonal than ahead.
HALF_WIDTH_M = 1.2 * ROBOT_RADIUS / UNITS_PER_M
GAIN = 2.0  # turn rate per heading error, 1/s


class Driver:
    """Commands for the robot, tic by tic.

    Args:
        walls: [N, 2, 2], segments that block, m (Level.walls).
        tic_s: duration of a tic.
        seed: of every random choice.
    """

    def __init__(
        self, walls: NDArray[np.float64], config: DriveConfig, tic_s: float, seed: int
    ) -> None:
        self.walls = walls
        self.config = config
        self.tic_s = tic_s
        self.random = np.random.default_rng(seed)
        self.speed = 0.0
        self.turn = 0.0
        self.goal: float | None = None  # heading to steer to, rad
        self.hold_s = 0.0
        self.spin: float | None = None  # heading at which a look around ends, rad
        self.sway = 0.0
        self.blocked_s = 0.0
        self.back_s = 0.0
        self.visits: Counter[tuple[int, int]] = Counter()

    def step(self, pose: Pose, blocked: bool) -> tuple[float, float]:
        """What to try in the next tic: forward motion in m and turn in rad.

        Args:
            pose: where the robot is.
            blocked: whether something was in the way in the last tic.
        """
        self.visits[_cell(np.array([pose.x, pose.y]))] += 1
        self.hold_s -= self.tic_s
        self._notice_stuck(blocked)
        speed, turn = self._wanted(pose)
        if blocked:
            self.speed = min(max(self.speed, -PUSH_SPEED), PUSH_SPEED)
        config = self.config
        self.speed = _approach(self.speed, speed, config.acceleration * self.tic_s)
        self.turn = _approach(self.turn, turn, config.turn_acceleration * self.tic_s)
        return self.speed * self.tic_s, self.turn * self.tic_s

    def _notice_stuck(self, blocked: bool) -> None:
        self.back_s -= self.tic_s
        self.blocked_s = self.blocked_s + self.tic_s if blocked else 0.0
        if self.blocked_s > STUCK_S:
            # Stuck while backing off: forward again.
            self.back_s = 0.0 if self.back_s > 0 else BACK_OFF_S
            self.blocked_s = 0.0
            self.goal = None

    def _wanted(self, pose: Pose) -> tuple[float, float]:
        """The speed (m/s) and turn rate (rad/s) to accelerate to."""
        config = self.config
        if self.back_s > 0:
            return BACK_SPEED, 0.0
        ahead = self._clearance(pose, np.array([pose.yaw]))[0]
        if self.spin is None and self.random.random() < self._look_around_chance():
            self.spin = pose.yaw + self.random.choice([-1, 1]) * self.random.uniform(1.0, 3.5)
        if self.spin is not None:
            error = self.spin - pose.yaw
            if abs(error) < 0.1:
                self.spin = self.goal = None
            return 0.0, self._steer(error)
        if self.goal is None or self.hold_s < 0 or ahead < NEAR_M:
            keep = self.goal is not None and abs(_wrapped(self.goal - pose.yaw)) > 0.3
            if not keep:  # a turn away from a wall is carried through
                self.goal = self._choose(pose)
                self.hold_s = self.random.uniform(*config.hold)
        assert self.goal is not None  # noqa: S101 (for mypy; chosen just above)
        error = _wrapped(self.goal - pose.yaw)
        self._update_sway()
        # Slow for turns and for walls; braking distance v^2 / 2a.
        room = max(0.0, ahead - STOP_M)
        fast = min(config.speed, math.sqrt(2 * config.acceleration * room))
        turn = self._steer(error) + self.sway * min(1.0, room)
        return fast * max(0.0, math.cos(error)), float(
            np.clip(turn, -config.turn_rate, config.turn_rate)
        )

    def _steer(self, error: float) -> float:
        return float(np.clip(GAIN * error, -self.config.turn_rate, self.config.turn_rate))

    def _look_around_chance(self) -> float:
        every = self.config.look_around_every
        return self.tic_s / every if every > 0 else 0.0

    def _update_sway(self) -> None:
        """An Ornstein-Uhlenbeck process: smooth, and both ways alike."""
        decay = math.exp(-self.tic_s / SWAY_TIME_S)
        noise = self.random.normal() * self.config.sway * math.sqrt(1 - decay**2)
        self.sway = decay * self.sway + noise

    def _choose(self, pose: Pose) -> float:
        """A heading that is open, little visited and not straight behind."""
        headings = pose.yaw + np.arange(HEADINGS) * math.tau / HEADINGS
        clearance = self._clearance(pose, headings)
        away = np.minimum(clearance[:, None], np.array([[1.0, 2.5, 4.0, 6.0]]))  # [H, 4]
        direction = np.stack([np.cos(headings), np.sin(headings)], axis=-1)
        places = np.array([pose.x, pose.y]) + away[..., None] * direction[:, None]
        visited_s = self.tic_s * np.array([[self.visits[_cell(p)] for p in row] for row in places])
        score = (
            np.minimum(clearance, 8.0) / 8.0
            - 0.5 * np.log1p(visited_s).mean(axis=1)
            + 0.2 * np.cos(headings - pose.yaw)
            + 0.15 * self.random.normal(size=HEADINGS)
        )
        score[clearance < NEAR_M] -= 10.0
        return float(headings[int(np.argmax(score))])

    def _clearance(self, pose: Pose, headings: NDArray[np.float64]) -> NDArray[np.float64]:
        """How far the robot's body could drive along each heading, m (from its centre)."""
        position = np.array([pose.x, pose.y])
        return cast_body(self.walls, position, headings, HALF_WIDTH_M, SIGHT_M)


def _approach(value: float, target: float, most: float) -> float:
    return value + min(max(target - value, -most), most)


def _wrapped(angle: float) -> float:
    return math.remainder(angle, math.tau)


def _cell(place: NDArray[np.float64]) -> tuple[int, int]:
    """The square metre that a place (x, y) lies in."""
    return math.floor(place[0]), math.floor(place[1])
