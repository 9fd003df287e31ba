"""Plausibility between two poses of a robot: one rule for whole drives and for a live node.

A step is how far the body moved and turned between two poses. It is a *jump* where nothing supports
a robot that fast:

    moved  > MARGIN_M   + gap * speed bound [m/s]
    turned > MARGIN_RAD + gap * rate bound [rad/s]

The bounds come from the best evidence there is (`Bounds`): the limits that the robot is commanded
within, else the twist of the messages where it has proven to agree with the poses, else the usual
speed of the drive, else MAX_SPEED and MAX_TURN_RATE, which no robot that this is for exceeds. Where
the robot was moving when a pose began to repeat, the gap counts from the first of these, up to
twice the usual time between changes: a source that repeats each pose until it has a new one does
not jump. A robot that stands has no such excuse.

`find_jumps` judges a whole drive, `slowfeat.jump_watch.JumpWatch` one message after another. Knows
no ROS.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from slowfeat.geometry import Array
from slowfeat.odometry import NS, Stamps

# No robot that this is for moves or turns faster; m/s, rad/s.
MAX_SPEED = 30.0
MAX_TURN_RATE = 30.0
# A step shorter than both is no jump, however close together its stamps are: noise of odometry; m,
# rad.
MARGIN_M = 0.05
MARGIN_RAD = 0.1
# Added to every bound, for stamps that jitter and a robot that starts to move between two poses;
# m/s, rad/s.
SLACK_SPEED = 0.2
SLACK_RATE = 0.5
# How many times the limits, the twist or the usual speed a robot may be off by.
OVER_LIMITS, OVER_TWIST, OVER_USUAL = 1.5, 2.0, 3.0
# A robot that has only crept so far may start to drive like this; m/s, rad/s.
START_SPEED = 2.0
START_RATE = 3.0
# Fewer steps than this say nothing about the usual speed; the usual speed is one kept up for
# WINDOW_S.
MIN_STEPS = 20
WINDOW_S = 1.0
# A step of the pose that is long enough to compare its speed with the twist's; m, rad.
MOVING_M = 0.005
MOVING_RAD = 0.01
# A pose nearer to the last than this is the last one again; m, rad.
SAME = 1e-7


class Bounds(NamedTuple):
    """The fastest that a body can have been: m/s, rad/s."""

    speed: float = MAX_SPEED
    turn_rate: float = MAX_TURN_RATE

    @classmethod
    def of_limits(cls, speed: float, turn_rate: float) -> Bounds:
        """Of a robot that is commanded within limits."""
        return cls(OVER_LIMITS * speed + SLACK_SPEED, OVER_LIMITS * turn_rate + SLACK_RATE)


class Jumps(NamedTuple):
    """What is left of a series, and where it is broken."""

    # (N,) false for single poses that jump there and back.
    keep: npt.NDArray[np.bool_]
    # (J,) stamps of kept poses that lie a jump away from the kept pose before, ns.
    stamps: Stamps


def turned_between(before: npt.ArrayLike, after: npt.ArrayLike) -> Array:
    """Angles (...) in rad between unit quaternions (..., 4) [x y z w]."""
    a, b = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    sign = np.where(np.sum(a * b, axis=-1, keepdims=True) < 0, -1.0, 1.0)
    # Of the chord, not of the cosine: arccos loses small angles to rounding.
    chord = np.linalg.norm(b - sign * a, axis=-1)
    return np.asarray(4 * np.arcsin(np.clip(chord / 2, 0.0, 1.0)))


def is_jump(gap_s: Any, moved: Any, turned: Any, speed: Any, turn_rate: Any) -> Any:
    """Which steps are jumps; numbers give a bool, arrays (...) an array of bool.

    Args:
        gap_s: time that the step may have taken (`effective_gap`), s.
        moved: m.
        turned: rad.
        speed: bound, m/s.
        turn_rate: bound, rad/s.
    """
    # Numbers as they are: a live node asks this a hundred times a second.
    return (moved > MARGIN_M + speed * gap_s) | (turned > MARGIN_RAD + turn_rate * gap_s)


def usual_pace(gap_s: Array, steps: Array) -> float:
    """The fastest pace that was kept up for WINDOW_S, in units of `steps` a second; NaN where too
    little is known.

    The two longest steps of a window do not count, so that a jump, also one there and back, is no
    pace.

    Args:
        gap_s: (N,) s.
        steps: (N,) m or rad.
    """
    if len(gap_s) < MIN_STEPS:
        return math.nan
    median = float(np.median(gap_s))
    length = min(max(round(WINDOW_S / max(median, 1e-6)), 8), len(gap_s))
    windows = np.lib.stride_tricks.sliding_window_view(steps, length)
    time = np.lib.stride_tricks.sliding_window_view(gap_s, length).sum(axis=1)
    rest = windows.sum(axis=1) - np.partition(windows, length - 2, axis=1)[:, -2:].sum(axis=1)
    return float(np.max(rest / np.maximum(time * (length - 2) / length, 1e-6)))


def is_moving(moved: Any, turned: Any) -> Any:
    """Which steps [m], [rad] are those of a robot that moves; numbers or arrays (...)."""
    return (moved > MOVING_M) | (turned > MOVING_RAD)


def held_for(stamps: Stamps, moved: Array, turned: Array) -> tuple[Array, float]:
    """How long a moving robot's pose (N,) had been repeated at its stamp, and the usual time
    between changes; s.

    A robot that stood when its pose began to repeat stands on: 0.

    Args:
        stamps: (N,) ns.
        moved: (N - 1,) steps, m.
        turned: (N - 1,) steps, rad.
    """
    same = (moved <= SAME) & (turned <= SAME)
    changed = np.concatenate([[True], ~same])
    moving = np.concatenate([[False], is_moving(moved, turned)])
    first = np.maximum.accumulate(np.where(changed, np.arange(len(stamps)), 0))
    between = np.diff(stamps[changed]) / NS
    if len(between) < MIN_STEPS / 2:
        between = np.diff(stamps) / NS  # hardly ever moved
    usual = float(np.median(between)) if len(between) else 0.0
    return np.where(moving[first], (stamps - stamps[first]) / NS, 0.0), usual


def twist_agrees(gap_s: Array, moved: Array, turned: Array, speeds: Array, rates: Array) -> bool:
    """Whether the twists of a series are its speed: on most moving steps within a factor of two of
    the poses.

    Args:
        gap_s: (N,) s.
        moved: (N,) m.
        turned: (N,) rad.
        speeds: (N,) m/s, the faster of the twists at both ends; NaN where there is none.
        rates: (N,) rad/s.
    """
    safe = np.maximum(gap_s, 1e-6)
    good = []
    for steps, told, least in ((moved, speeds, MOVING_M), (turned, rates, MOVING_RAD)):
        moving = (steps > least) & (gap_s > 0)
        if moving.sum() >= MIN_STEPS / 2:
            ratio = told[moving] / (steps[moving] / safe[moving])
            good.append(float(np.mean((ratio > 0.5) & (ratio < 2.0))) > 0.5)
    return bool(good) and all(good)


def find_jumps(
    stamps: Stamps,
    positions: Array,
    quaternions: Array,
    speeds: Array | None = None,
    turn_rates: Array | None = None,
) -> Jumps:
    """Find the jumps in poses with strictly increasing stamps.

    Args:
        stamps: (N,) ns.
        positions: (N, 3) m.
        quaternions: (N, 4) unit quaternions [x y z w].
        speeds: (N,) lengths of the messages' own linear twists, m/s; None or NaN without.
        turn_rates: (N,) lengths of their angular twists, rad/s.
    """
    count = len(stamps)
    keep = np.ones(count, dtype=bool)
    if count < 2:
        return Jumps(keep, stamps[:0])
    every = np.arange(count)
    drive = _Drive(stamps, positions, quaternions, speeds, turn_rates)
    jump = drive.is_jump
    jumps = jump(every[:-1], every[1:])
    if not jumps.any():
        return Jumps(keep, stamps[:0])
    there_and_back = np.flatnonzero(jumps[:-1] & jumps[1:]) + 1
    bridged = ~jump(there_and_back - 1, there_and_back + 1)
    for index in there_and_back[bridged]:
        # The pose after a wrong one also has a jump on both sides where the next is wrong again.
        if keep[index - 1]:
            keep[index] = False
    kept = np.flatnonzero(keep)
    return Jumps(keep, stamps[kept[1:]][jump(kept[:-1], kept[1:])])


class _Drive:
    """A whole drive, and how fast it may have been at each step; arguments as for `find_jumps`."""

    def __init__(
        self,
        stamps: Stamps,
        positions: Array,
        quaternions: Array,
        speeds: Array | None,
        turn_rates: Array | None,
    ) -> None:
        self._stamps, self._positions, self._quaternions = stamps, positions, quaternions
        nothing = np.full(len(stamps), np.nan)
        self._speeds = nothing if speeds is None else speeds
        self._rates = nothing if turn_rates is None else turn_rates
        every = np.arange(len(stamps))
        gap_s, moved, turned = self._steps(every[:-1], every[1:])
        self._held_s, self._usual_gap_s = held_for(stamps, moved, turned)
        self._usual = bounds_of_usual(usual_pace(gap_s, moved), usual_pace(gap_s, turned))
        faster = self._told(every[:-1], every[1:])
        self._twist_agrees = twist_agrees(gap_s, moved, turned, *faster)

    def is_jump(
        self, before: npt.NDArray[np.int64], after: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.bool_]:
        """Which steps (M,) from poses `before` (M,) to poses `after` (M,) are jumps."""
        gap_s, moved, turned = self._steps(before, after)
        gaps = effective_gap(gap_s, self._held_s[before], self._usual_gap_s)
        speed: float | Array = self._usual.speed
        rate: float | Array = self._usual.turn_rate
        if self._twist_agrees:
            told_speed, told_rate = self._told(before, after)
            speed = np.where(np.isnan(told_speed), speed, OVER_TWIST * told_speed + SLACK_SPEED)
            rate = np.where(np.isnan(told_rate), rate, OVER_TWIST * told_rate + SLACK_RATE)
        return np.asarray(is_jump(gaps, moved, turned, speed, rate))

    def _steps(
        self, before: npt.NDArray[np.int64], after: npt.NDArray[np.int64]
    ) -> tuple[Array, Array, Array]:
        gap_s = (self._stamps[after] - self._stamps[before]) / NS
        moved = np.linalg.norm(self._positions[after] - self._positions[before], axis=-1)
        turned = turned_between(self._quaternions[before], self._quaternions[after])
        return gap_s, moved, turned

    def _told(
        self, before: npt.NDArray[np.int64], after: npt.NDArray[np.int64]
    ) -> tuple[Array, Array]:
        """The faster of the twists at both ends of steps (M,): m/s, rad/s."""
        speeds = np.fmax(self._speeds[before], self._speeds[after])
        return speeds, np.fmax(self._rates[before], self._rates[after])


def effective_gap(gap_s: npt.ArrayLike, held_s: npt.ArrayLike, usual_gap_s: float) -> Array:
    """Times (...) that steps may have taken, s.

    Args:
        gap_s: (...) between their stamps.
        held_s: (...) for how long the pose before had been repeated, as `held_for` says.
        usual_gap_s: usual time between changes of the pose.
    """
    return np.asarray(
        np.maximum(np.asarray(gap_s) + np.minimum(held_s, 2 * usual_gap_s), usual_gap_s)
    )


def bounds_of_usual(speed: float, turn_rate: float) -> Bounds:
    """Bounds of a robot whose usual pace is known [m/s, rad/s]; NaN where it is not."""
    return Bounds(
        min(OVER_USUAL * max(speed, START_SPEED / OVER_USUAL) + SLACK_SPEED, MAX_SPEED)
        if speed == speed
        else MAX_SPEED,
        min(OVER_USUAL * max(turn_rate, START_RATE / OVER_USUAL) + SLACK_RATE, MAX_TURN_RATE)
        if turn_rate == turn_rate
        else MAX_TURN_RATE,
    )
