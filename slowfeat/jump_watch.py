"""Plausibility of live odometry: what jumped between one message and the next.

The pose, by the rule of `slowfeat.odometry_jumps`; a pose that stands still against its own twist;
the clock; the frames. Knows no ROS.
"""

from __future__ import annotations

import math
from collections import deque
from typing import NamedTuple

import numpy as np

from slowfeat.odometry import BACKWARDS_S, NS
from slowfeat.odometry_jumps import (
    OVER_TWIST,
    SAME,
    SLACK_RATE,
    SLACK_SPEED,
    Bounds,
    bounds_of_usual,
    effective_gap,
    held_for,
    is_jump,
    is_moving,
    twist_agrees,
    usual_pace,
)

# Steps remembered, and how many come between two times of learning from them what is usual.
REMEMBERED = 400
LEARN_EVERY = 50
# A pose that stands still for longer than this against its own twist is frozen, s.
FROZEN_S = 0.15
# Over so long the bounds hold as they do over a single step, s.
SPREAD_S = 0.2
# A clock that ran by so much more than the receiver's own was set, s.
CLOCK_STEP_S = 1.0


class Look(NamedTuple):
    """What `JumpWatch` says of a pose."""

    # Why it is not used; empty where it is.
    unused: str = ""
    # What jumped, one sentence; empty where nothing did.
    jump: str = ""


class _Pose(NamedTuple):
    stamp_ns: int
    position: tuple[float, ...]
    quaternion: tuple[float, ...]
    frames: tuple[str, str]
    came_s: float
    # Stamp of the first message with this pose, ns.
    since_ns: int
    # Whether the step to this pose was that of a robot that moves.
    moving: bool = False


class JumpWatch:
    """Looks at one pose of odometry after another, as they come; O(1) a message.

    A jump is reported once: the pose after it is the new truth. Not for several threads.
    """

    def __init__(self) -> None:
        self._last: _Pose | None = None
        # Gaps [s], steps [m], [rad], twists [m/s], [rad/s] of the accepted steps.
        self._steps: deque[tuple[float, float, float, float, float]] = deque(maxlen=REMEMBERED)
        self._since_learnt = 0
        self._usual = Bounds()
        self._usual_gap_s = 0.0
        self._twist_agrees = False
        self._said_frozen = False
        # The poses of the last SPREAD_S since the last jump.
        self._recent: deque[_Pose] = deque()

    def clear(self) -> None:
        """Forget everything (another source, a new start)."""
        self.__init__()  # type: ignore[misc]

    def look(
        self,
        stamp_ns: int,
        position: tuple[float, ...],
        quaternion: tuple[float, ...],
        frames: tuple[str, str] = ("", ""),
        twist: tuple[float, float] | None = None,
        came_s: float = math.nan,
        limits: Bounds | None = None,
    ) -> Look:
        """Judge the next pose.

        Args:
            stamp_ns: of its message.
            position: (3,) m.
            quaternion: (4,) [x y z w] of length one.
            frames: names of the fixed frame and of the child.
            twist: lengths of the message's linear and angular twist, m/s and rad/s.
            came_s: when it came, on a clock that nobody sets, s; NaN: not known.
            limits: what the robot is commanded within just now; None: somebody else may drive it.
        """
        names = (frames[0].strip("/"), frames[1].strip("/"))
        last, new = self._last, _Pose(stamp_ns, position, quaternion, names, came_s, stamp_ns)
        if last is None:
            self._last = new
            self._recent.append(new)
            return Look()
        gap_s = (stamp_ns - last.stamp_ns) / NS
        if -BACKWARDS_S < gap_s <= 0:
            return Look(unused="stamp repeated" if gap_s == 0 else "stamp out of order")
        moved = math.dist(position, last.position)
        turned = _turned(last.quaternion, quaternion)
        if moved <= SAME and turned <= SAME:
            new = new._replace(since_ns=min(last.since_ns, stamp_ns), moving=last.moving)
        else:
            new = new._replace(moving=bool(is_moving(moved, turned)))
            self._said_frozen = False
        self._last = new
        jump = _clock_or_frames(last, new, gap_s)
        jump = jump or self._pose_jump(last, gap_s, moved, turned, twist, limits)
        jump = jump or self._spread_jump(new, limits)
        if jump:
            self._recent.clear()
            self._recent.append(new)
            return Look(jump=jump)
        told = twist or (math.nan, math.nan)
        self._steps.append((gap_s, moved, turned, *told))
        self._learn()
        return Look(jump=self._frozen(new, told))

    def _pose_jump(
        self,
        last: _Pose,
        gap_s: float,
        moved: float,
        turned: float,
        twist: tuple[float, float] | None,
        limits: Bounds | None,
    ) -> str:
        bounds = limits or self._usual
        if self._twist_agrees and twist is not None and self._steps:
            before = self._steps[-1]
            of_twist = Bounds(
                OVER_TWIST * max(twist[0], before[3]) + SLACK_SPEED,
                OVER_TWIST * max(twist[1], before[4]) + SLACK_RATE,
            )
            bounds = (
                of_twist
                if limits is None
                else Bounds(
                    min(limits.speed, of_twist.speed), min(limits.turn_rate, of_twist.turn_rate)
                )
            )
        held_s = (last.stamp_ns - last.since_ns) / NS if last.moving else 0.0
        gap = float(effective_gap(gap_s, held_s, self._usual_gap_s))
        if not is_jump(gap, moved, turned, bounds.speed, bounds.turn_rate):
            return ""
        return (
            f"the pose jumped by {moved:.2f} m and {math.degrees(turned):.0f} degrees within "
            f"{gap_s:.3f} s"
        )

    def _spread_jump(self, new: _Pose, limits: Bounds | None) -> str:
        """A jump that a filter spreads over several messages, each step of it within the margin."""
        recent = self._recent
        while len(recent) > 1 and new.stamp_ns - recent[0].stamp_ns > SPREAD_S * NS:
            recent.popleft()
        recent.append(new)
        if len(recent) < 3:
            return ""
        first, bounds = recent[0], limits or self._usual
        gap_s = (new.stamp_ns - first.stamp_ns) / NS
        moved = math.dist(new.position, first.position)
        turned = _turned(first.quaternion, new.quaternion)
        held_s = (first.stamp_ns - first.since_ns) / NS if first.moving else 0.0
        gap = float(effective_gap(gap_s, held_s, self._usual_gap_s))
        if not is_jump(gap, moved, turned, bounds.speed, bounds.turn_rate):
            return ""
        return (
            f"the pose went {moved:.2f} m and {math.degrees(turned):.0f} degrees in {gap_s:.2f} "
            "s, faster than the robot can"
        )

    def _frozen(self, new: _Pose, told: tuple[float, float]) -> str:
        """A pose that stands still although its own twist, which has proven right, moves."""
        moves = told[0] > SLACK_SPEED / 10 or told[1] > SLACK_RATE / 10
        still_s = (new.stamp_ns - new.since_ns) / NS
        if not (self._twist_agrees and moves) or still_s <= max(FROZEN_S, 3 * self._usual_gap_s):
            return ""
        if self._said_frozen:
            return ""
        self._said_frozen = True
        return (
            f"the pose has stood still for {still_s:.2f} s while its twist says {told[0]:.2f} m/s "
            f"and {told[1]:.2f} rad/s"
        )

    def _learn(self) -> None:
        """Learn anew what is usual, now and then."""
        self._since_learnt += 1
        if self._since_learnt < LEARN_EVERY:
            return
        self._since_learnt = 0
        gap_s, moved, turned, speeds, rates = np.array(self._steps).T
        self._usual = bounds_of_usual(usual_pace(gap_s, moved), usual_pace(gap_s, turned))
        stamps = np.round(np.concatenate([[0.0], np.cumsum(gap_s)]) * NS).astype(np.int64)
        _, self._usual_gap_s = held_for(stamps, moved, turned)
        self._twist_agrees = twist_agrees(
            gap_s,
            moved,
            turned,
            np.fmax(speeds, np.concatenate([speeds[:1], speeds[:-1]])),
            np.fmax(rates, np.concatenate([rates[:1], rates[:-1]])),
        )


def _turned(before: tuple[float, ...], after: tuple[float, ...]) -> float:
    """As `turned_between`, of two quaternions and without arrays."""
    chord = min(math.dist(before, after), math.dist(before, [-value for value in after]))
    return 4 * math.asin(min(chord / 2, 1.0))


def _clock_or_frames(last: _Pose, new: _Pose, gap_s: float) -> str:
    """What else than the pose jumped between two messages; empty where nothing did."""
    for what, before, after in zip(("fixed", "child"), last.frames, new.frames, strict=True):
        if before != after:
            return f"its {what} frame changed from {before!r} to {after!r}"
    if gap_s <= 0:
        return f"its clock was set back by {-gap_s:.3g} s"
    ahead_s = gap_s - (new.came_s - last.came_s)
    if ahead_s > CLOCK_STEP_S:
        return f"its clock ran ahead by {ahead_s:.3g} s"
    return ""
