"""Making one motion under odometry feedback: velocity commands until the body is where it was asked
to be.

For a robot that drives and turns on the spot. The motion's x, y and yaw are driven, the rest is
not. Knows no ROS.
"""

from __future__ import annotations

import math
from enum import IntEnum

import numpy as np

from slowfeat.geometry import Array, motion_matrix, relative_motion
from slowfeat.live.path_budget import PathBudget, ideal_path
from slowfeat.live.steering import STILL, Limits, Steering, Velocity

# Less than this share of what was commanded is made: something is in the way.
BLOCKED_SHARE = 0.2
# A pose that changed by less than this stands still; m, rad.
STILL_M = 1e-3
STILL_RAD = 2e-3
# From turning to driving a robot may take this many times as long as it took to begin.
PATIENCE = 1.25


class Outcome(IntEnum):
    """How a motion ended; the numbers are those of slowfeat_interfaces/ViewMove."""

    REACHED = 0
    BLOCKED = 1
    TIMED_OUT = 2
    ODOMETRY_LOST = 3
    STOPPED = 4
    ODOMETRY_JUMPED = 5
    BUDGET_SPENT = 6
    ODOMETRY_DOUBTED = 7


class Move:
    """One motion from its start to its outcome.

    Args:
        asked: (6,) [m, rad] the motion.
        T_odom_start: (4, 4) pose of the body now.
        limits: what it may do.
        now_s: a clock that nobody sets, s.
        robot_s: the robot's clock, s, by which the budget counts what is commanded: a simulation
            may run slower; None: the same.
    """

    def __init__(
        self,
        asked: Array,
        T_odom_start: Array,
        limits: Limits,
        now_s: float,
        robot_s: float | None = None,
    ) -> None:
        self.asked = np.asarray(asked, dtype=np.float64)
        self.started_s = now_s
        self._limits = limits
        self.start = T_odom_start
        self._target = T_odom_start @ motion_matrix(self.asked)
        backward = float(self.asked[0]) < 0
        self._steering = Steering(backward, limits)
        x, y, yaw = self.asked[[0, 1, 5]].tolist()
        self.budget = PathBudget(
            ideal_path(x, y, yaw, backward, limits),
            limits.path_margin,
            now_s if robot_s is None else robot_s,
        )
        # Since when, from which pose, and how much was commanded since (m, rad).
        self._watched: tuple[float, Array] = (now_s, T_odom_start)
        self._commanded = np.zeros(2)
        self._standstill = _Standstill(T_odom_start, now_s)
        self._last_s = now_s
        self._last = STILL

    def made(self, T_odom_body: Array) -> Array:
        """The motion (6,) made so far."""
        return relative_motion(self.start, T_odom_body)

    def step(
        self,
        T_odom_body: Array,
        now_s: float,
        heard_s: float | None = None,
        robot_s: float | None = None,
    ) -> Velocity | Outcome:
        """What to do now, or how it ended.

        Args:
            T_odom_body: (4, 4) the newest pose.
            now_s: the clock.
            heard_s: when that pose came, on the same clock; None: now.
            robot_s: the robot's clock; None: the same.
        """
        limits = self._limits
        left = relative_motion(T_odom_body, self._target)
        velocity = self._steering.step(float(left[0]), float(left[1]), float(left[5]))
        if velocity is None:
            return Outcome.REACHED
        if now_s - self.started_s > limits.time_s:
            return Outcome.TIMED_OUT
        if self._is_blocked(T_odom_body, now_s):
            return Outcome.BLOCKED
        heard_s = now_s if heard_s is None else heard_s
        if self._standstill.step(T_odom_body, heard_s, self._last, limits):
            return Outcome.BLOCKED
        if not self.budget.allows(velocity, now_s if robot_s is None else robot_s):
            return Outcome.BUDGET_SPENT
        self._last = velocity
        return velocity

    def pause(self, T_odom_body: Array, now_s: float, robot_s: float | None = None) -> None:
        """The robot was commanded to stand still in between; what
        was commanded until then counts.
        """
        self.budget.allows(STILL, now_s if robot_s is None else robot_s)
        self._last, self._last_s = STILL, now_s
        self._watched, self._commanded = (now_s, T_odom_body), np.zeros(2)

    def _is_blocked(self, T_odom_body: Array, now_s: float) -> bool:
        """Whether the last `blocked_s` of commands moved the body
        far less than they should have.
        """
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


class _Standstill:
    """Odometry that moved and then stands still under the same kind
    of command: a wall, or it is frozen.
    """

    def __init__(self, T_odom_body: Array, now_s: float) -> None:
        self._pose, self._since_s, self._heard_s = T_odom_body, now_s, now_s
        self._has_moved = self._moved_in_mode = False
        self._driving = False
        # How long the robot took to obey its first command: the network, the base; s.
        self._began_s, self._latency_s = now_s, 0.0
        # Commanded since the pose changed last: m, rad.
        self._commanded = np.zeros(2)

    def step(self, T_odom_body: Array, heard_s: float, command: Velocity, limits: Limits) -> bool:
        """Whether it stands still; `command` is the one that has been in force until now."""
        driving = command.forward != 0.0
        if driving != self._driving:
            # A robot takes its time from turning to driving, as it took to begin at all.
            self._driving, self._moved_in_mode = driving, False
            self._pose, self._since_s, self._commanded = T_odom_body, heard_s, np.zeros(2)
        self._commanded += np.abs(command) * (heard_s - self._heard_s)
        self._heard_s = heard_s
        moved = relative_motion(self._pose, T_odom_body)
        if math.hypot(moved[0], moved[1]) > STILL_M or abs(float(moved[5])) > STILL_RAD:
            self._pose, self._since_s, self._commanded = T_odom_body, heard_s, np.zeros(2)
            if not self._has_moved:
                self._latency_s = heard_s - self._began_s
            self._has_moved = self._moved_in_mode = True
        wanted = self._commanded > (limits.tolerance_m, limits.tolerance_rad)
        longest_s = limits.stalled_s
        if not self._moved_in_mode:
            longest_s = max(longest_s, PATIENCE * self._latency_s)
        is_long = heard_s - self._since_s > longest_s
        return bool(self._has_moved and is_long and wanted.any())
