"""The loop of the view selector: ask, move, let the image settle, ask again. Knows no ROS.

    STOPPED --start--> ASKING --a decision--> MOVING --its outcome--> SETTLING --> ASKING

The robot is commanded only while MOVING, and only while odometry comes and does not jump. Whatever
ends a motion, the next command is zero. Stamps are ns of the robot's clock, times s of this
machine's own, which never stands still.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

import numpy as np

from slowfeat.geometry import Array
from slowfeat.live.input_health import Level
from slowfeat.live.move import Move, Outcome
from slowfeat.live.odometry_input import OdometryInput, OdometryMessage
from slowfeat.live.steering import STILL, Limits, Velocity
from slowfeat.odometry import NS
from slowfeat.odometry_jumps import Bounds
from slowfeat.view_selection.barred import Barred

# A tick that comes so much later than the last finds messages waiting, s.
HUNG_S = 0.2
# The encoder says how odometry is once a second; without it for so long it is not known, s.
HEALTH_S = 3.0


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
    odom_timeout_s: float = 0.25
    # After this long without a decision about a fresh view the node warns; s.
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
        ask: send a request for a decision; whether it was sent. The answer comes by `take_choices`
            or `take_refusal`.
        drive: command a velocity.
        tell: log a warning of a kind.
        chose: called with each decision, with the index that is made.
        ended: called at each motion's end.
        changed: called with each new state with the reason.
        robot_clock: the robot's clock, s; None: that of the ticks. A simulation may run slower than
            this machine.
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
        robot_clock: Callable[[], float] | None = None,
    ) -> None:
        self.settings = settings
        self.state = State.STOPPED
        self.moves = 0
        self._ask, self._drive, self._tell = ask, drive, tell
        self._chose, self._ended, self._changed = chose, ended, changed
        self._robot_clock: Callable[[], float | None] = robot_clock or (lambda: None)
        self._odometry = OdometryInput()
        # Level, sentence and when it came, s; None until the encoder has said one.
        self._health: tuple[Level, str, float] | None = None
        self._since_s = 0.0
        self._ticked_s = -np.inf
        self._asked_s: float | None = None
        self._move: Move | None = None
        # Views before this do not count: the robot was still moving.
        self._fresh_ns = 0
        # Motions (as bytes) that something was in the way of since the last one that worked.
        self._blocked: set[bytes] = set()
        # And where they would have led.
        self._barred = Barred()

    # -- what comes in
    # --------------------------------------------------------------------------------

    def take_odometry(self, message: OdometryMessage, now_s: float) -> None:
        """The newest pose. A stamp that stands still is odometry that stands
        still; a jump ends the motion.
        """
        moving = self.state is State.MOVING
        limits = self.settings.limits
        commanded = Bounds.of_limits(limits.speed, limits.turn_rate) if moving else None
        jump = self._odometry.take(message, now_s, commanded)
        if jump:
            self._forget_odometry(jump, now_s)

    def take_health(self, level: Level, sentence: str, now_s: float) -> None:
        """What the images say of odometry; where they speak against it, a motion ends."""
        self._health = (level, sentence, now_s)
        doubt = self._doubt(now_s)
        if doubt and self.state is State.MOVING:
            self._finish(Outcome.ODOMETRY_DOUBTED, now_s)
            self._tell("health", f"{doubt}: the robot stands still")

    def _doubt(self, now_s: float) -> str:
        """Why odometry is not trusted by the images; empty where it
        is, or where nobody ever said.
        """
        if self._health is None:
            return ""
        level, sentence, heard_s = self._health
        if now_s - heard_s > HEALTH_S:
            return "the encoder's odometry_health has stopped coming"
        return "" if level is Level.OK else f"odometry is {level.name}: {sentence}"

    def take_bad_odometry(self, now_s: float) -> None:
        """A message of odometry that cannot be used; some in a row are odometry that is lost."""
        self._odometry.take_bad(now_s)

    def _forget_odometry(self, jump: str, now_s: float) -> None:
        """What was known in the frame of odometry means nothing any more."""
        self._forget_walls()
        self._fresh_ns = 0
        if self.state is State.MOVING:
            self._finish(Outcome.ODOMETRY_JUMPED, now_s)
        self._tell(
            "odometry jump",
            f"odometry jumped: {jump}. The robot stands still; where it was blocked is forgotten",
        )

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

    # -- the clock
    # ------------------------------------------------------------------------------------

    def tick(self, now_s: float) -> None:
        """To be called some twenty times a second."""
        hung_s, self._ticked_s = now_s - self._ticked_s, now_s
        if self.state is State.MOVING and hung_s > HUNG_S:
            # What came meanwhile waits to be taken in: stand still, and judge by it at the next
            # tick.
            self._drive(STILL)
            if self._move is not None and self._odometry.pose is not None:
                self._move.pause(self._odometry.pose, now_s, self._robot_clock())
            return
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
                f"no decision about a fresh view for {now_s - self._since_s:.1f} s: is the "
                "encoder active, and do images come?",
            )
            self._drive(STILL)
        lost = self._asked_s is not None and (
            now_s - self._asked_s > self.settings.decision_timeout_s
        )
        if self._asked_s is None or lost:
            self._asked_s = now_s if self._ask() else None

    def _go_on(self, now_s: float) -> None:
        odometry = self._odometry
        if self._move is None or odometry.pose is None:
            self._drive(STILL)
            return
        lost = odometry.lost(now_s, self.settings.odom_timeout_s)
        doubt = self._doubt(now_s)
        if doubt:
            self._finish(Outcome.ODOMETRY_DOUBTED, now_s)
            self._tell("health", f"{doubt}: the robot stands still")
            return
        if lost:
            self._finish(Outcome.ODOMETRY_LOST, now_s)
            self._tell("odometry", f"{lost}, in the middle of a motion: the robot stands still")
            return
        answer = self._move.step(odometry.pose, now_s, odometry.heard_s, self._robot_clock())
        if isinstance(answer, Outcome):
            self._finish(answer, now_s)
        else:
            self._drive(answer)

    # -- decisions
    # ------------------------------------------------------------------------------------

    def _decide(self, choices: Choices, now_s: float) -> None:
        settings = self.settings
        reason, pose = self._why_not_move(choices, now_s), self._odometry.pose
        if reason or pose is None:
            self._tell("odometry", f"{reason}: the robot stays where it is")
            return
        blocked = np.array([motion.tobytes() in self._blocked for motion in choices.motions])
        allowed = ~blocked & self._barred.allows(pose, choices.motions)
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
        self._move = Move(choices.motions[best], pose, settings.limits, now_s, self._robot_clock())
        self._enter(State.MOVING, "", now_s)

    def _why_not_move(self, choices: Choices, now_s: float) -> str:
        """Why odometry leads no motion just now; empty where it may."""
        odometry, timeout_s = self._odometry, self.settings.odom_timeout_s
        lost = odometry.lost(now_s, timeout_s)
        if lost:
            return lost
        doubt = self._doubt(now_s)
        if doubt:
            return doubt
        if not odometry.calm(now_s):
            return "odometry jumped a moment ago"
        behind_s = (choices.stamp_ns - odometry.stamp_ns) / NS
        if behind_s > timeout_s:
            return (
                f"the newest odometry is {behind_s:.2f} s older than the image: it comes late, or "
                "the clocks of camera and odometry disagree"
            )
        return ""

    def _finish(self, outcome: Outcome, now_s: float) -> None:
        self._drive(STILL)
        move, self._move = self._move, None
        odometry = self._odometry
        pose = odometry.pose_before if outcome is Outcome.ODOMETRY_JUMPED else odometry.pose
        if move is None or pose is None:
            return
        self.moves += 1
        self._fresh_ns = odometry.stamp_ns
        if outcome is Outcome.BLOCKED:
            self._blocked.add(move.asked.tobytes())
            self._barred.add(move.start, move.asked)
        elif outcome is Outcome.REACHED:
            self._blocked.clear()
        made = move.made(pose)
        self._ended(Ended(move.asked, made, now_s - move.started_s, outcome))
        if outcome is Outcome.BUDGET_SPENT:
            most = move.budget.most
            self._tell(
                "budget",
                f"commanded the {most.metres:.2f} m and {most.radians:.2f} rad that this motion "
                "may take at most, and odometry is not there: the robot stands still",
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
