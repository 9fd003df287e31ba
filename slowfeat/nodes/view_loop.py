"""The loop of the view selector: ask, move, let the picture settle, ask again. Knows no ROS.

    STOPPED --start--> ASKING --a decision--> MOVING --its outcome--> SETTLING --> ASKING

The robot is commanded only while MOVING, and only while odometry comes. Whatever ends a motion, the next command
is zero. Stamps are ns of the robot's clock, times s of this machine's own, which never stands still.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

import numpy as np

from slowfeat.geometry import Array
from slowfeat.nodes.move import STILL, Limits, Move, Outcome, Velocity
from slowfeat.view_selection.barred import Barred


class State(Enum):
    """What the loop is at."""

    STOPPED = "stopped"
    ASKING = "asking"
    MOVING = "moving"
    SETTLING = "settling"


@dataclass(frozen=True)
class Choices:
    """What ~/select_view answered, M motions; scores are higher where better."""

    # Of the image that was started from.
    stamp_ns: int
    # (M, 6), (M,), (M,).
    motions: Array
    scores: Array
    outside_range: Array
    score_of_staying: float
    policy: str = ""


@dataclass
class LoopSettings:
    """Parameters of the loop; may change at any time."""

    limits: Limits = field(default_factory=Limits)
    # Odometry that is older than this has stopped, s.
    odom_timeout_s: float = 0.5
    # Without a decision about a fresh view for so long, it is told; s.
    decision_timeout_s: float = 3.0
    # From the end of a motion to the first view that counts, s.
    settle_s: float = 0.2
    allow_outside_range: bool = False
    # Stop when no motion is better than staying.
    stop_when_none_better: bool = False
    # Stop after so many motions; 0: never.
    max_moves: int = 0


@dataclass(frozen=True)
class Ended:
    """A motion that has ended."""

    asked: Array
    made: Array
    seconds: float
    outcome: Outcome


class ViewLoop:
    """See the module.

    Args:
        settings: read at every tick.
        ask: send a request for a decision; whether it was sent. The answer comes by `take_choices` or
            `take_refusal`.
        drive: command a velocity.
        tell: log a warning of a kind.
        chose: told of each decision, with the index that is made.
        ended: told of each motion's end.
        changed: told of each new state with the reason.
    """

    def __init__(
        self,
        settings: LoopSettings,
        ask: Callable[[], bool],
        drive: Callable[[Velocity], None],
        tell: Callable[[str, str], None],
        chose: Callable[[Choices, int], None],
        ended: Callable[[Ended], None],
        changed: Callable[[State, str], None],
    ) -> None:
        self.settings = settings
        self.state = State.STOPPED
        self.moves = 0
        self._ask, self._drive, self._tell = ask, drive, tell
        self._chose, self._ended, self._changed = chose, ended, changed
        self._pose: Array | None = None
        self._stamp_ns = 0
        self._heard_s = -np.inf
        self._since_s = 0.0
        self._asked_s: float | None = None
        self._move: Move | None = None
        # Views before this do not count: the robot was still moving.
        self._fresh_ns = 0
        # Motions (as bytes) that something was in the way of since the last one that worked.
        self._blocked: set[bytes] = set()
        # And where they would have led.
        self._barred = Barred()

    # -- what comes in --------------------------------------------------------------------------------

    def take_odometry(self, stamp_ns: int, T_odom_body: Array, now_s: float) -> None:
        """The newest pose (4, 4). A stamp that stands still is odometry that stands still."""
        if stamp_ns == self._stamp_ns:
            return
        if stamp_ns < self._fresh_ns - 1_000_000_000:
            self._fresh_ns = 0  # a simulation that was reset
            self._barred.clear()
        self._stamp_ns, self._pose, self._heard_s = stamp_ns, T_odom_body, now_s

    def start(self, now_s: float) -> None:
        """Begin, or go on after a stop."""
        if self.state is State.STOPPED:
            self.moves = 0
            self._forget_walls()
            self._enter(State.ASKING, "started", now_s)

    def stop(self, reason: str, now_s: float) -> None:
        """Stand still, from any state, until `start`."""
        if self.state is State.MOVING:
            self._finish(Outcome.STOPPED, now_s)
        self._drive(STILL)
        self._enter(State.STOPPED, reason, now_s)

    def take_refusal(self, reason: str) -> None:
        """The encoder could not decide; it is asked again."""
        if self._asked_s is not None:
            self._asked_s = None
            self._tell("refusal", f"no decision: {reason}")

    def take_choices(self, choices: Choices, now_s: float) -> None:
        """A decision."""
        if self.state is not State.ASKING or self._asked_s is None:
            return  # too late
        self._asked_s = None
        if choices.stamp_ns < self._fresh_ns:
            return  # of a view from before the motion's end: ask again
        self._decide(choices, now_s)

    # -- the clock ------------------------------------------------------------------------------------

    def tick(self, now_s: float) -> None:
        """To be called some twenty times a second."""
        if self.state is State.MOVING:
            self._go_on(now_s)
        elif self.state is State.SETTLING and now_s - self._since_s >= self.settings.settle_s:
            self._enter(State.ASKING, "", now_s)
        elif self.state is State.ASKING:
            self._wait(now_s)

    def _wait(self, now_s: float) -> None:
        if now_s - self._since_s > self.settings.decision_timeout_s:
            self._tell(
                "decision",
                f"no decision about a fresh view for {now_s - self._since_s:.1f} s: is the encoder active, "
                "and do images come?",
            )
            self._drive(STILL)
        lost = self._asked_s is not None and (
            now_s - self._asked_s > self.settings.decision_timeout_s
        )
        if self._asked_s is None or lost:
            self._asked_s = now_s if self._ask() else None

    def _go_on(self, now_s: float) -> None:
        if self._move is None or self._pose is None:
            self._drive(STILL)
            return
        if now_s - self._heard_s > self.settings.odom_timeout_s:
            self._finish(Outcome.ODOMETRY_LOST, now_s)
            return
        answer = self._move.step(self._pose, now_s)
        if isinstance(answer, Outcome):
            self._finish(answer, now_s)
        else:
            self._drive(answer)

    # -- decisions ------------------------------------------------------------------------------------

    def _decide(self, choices: Choices, now_s: float) -> None:
        settings = self.settings
        if self._pose is None or now_s - self._heard_s > settings.odom_timeout_s:
            self._tell("odometry", "no odometry comes: the robot stays where it is")
            return
        blocked = np.array([motion.tobytes() in self._blocked for motion in choices.motions])
        allowed = ~blocked & self._barred.allows(self._pose, choices.motions)
        if not settings.allow_outside_range:
            allowed &= ~choices.outside_range.astype(bool)
        if not allowed.any():
            self._forget_walls()
            self.stop("no motion is left: each is blocked or outside the trained range", now_s)
            return
        scores = np.where(allowed, choices.scores, -np.inf)
        best = int(np.argmax(scores)) if np.isfinite(scores).any() else int(np.argmax(allowed))
        if settings.stop_when_none_better and scores[best] <= choices.score_of_staying:
            self.stop("arrived: no motion is expected to be better than staying", now_s)
            return
        self._chose(choices, best)
        self._move = Move(choices.motions[best], self._pose, settings.limits, now_s)
        self._enter(State.MOVING, "", now_s)

    def _finish(self, outcome: Outcome, now_s: float) -> None:
        self._drive(STILL)
        move, self._move = self._move, None
        if move is None or self._pose is None:
            return
        self.moves += 1
        self._fresh_ns = self._stamp_ns
        if outcome is Outcome.BLOCKED:
            self._blocked.add(move.asked.tobytes())
            self._barred.add(move.start, move.asked)
        elif outcome is Outcome.REACHED:
            self._blocked.clear()
        made = move.made(self._pose)
        self._ended(Ended(move.asked, made, now_s - move.started_s, outcome))
        if outcome is Outcome.ODOMETRY_LOST:
            self._tell(
                "odometry", "odometry stopped in the middle of a motion: the robot stands still"
            )
        self._enter(State.SETTLING, "", now_s)
        if outcome is not Outcome.STOPPED and 0 < self.settings.max_moves <= self.moves:
            self.stop(f"made {self.moves} motions, as many as max_moves", now_s)

    def _forget_walls(self) -> None:
        self._blocked.clear()
        self._barred.clear()

    def _enter(self, state: State, reason: str, now_s: float) -> None:
        self._asked_s = None
        self._since_s = now_s
        if state is not self.state or reason:
            self.state = state
            self._changed(state, reason)
