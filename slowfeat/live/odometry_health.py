"""The health of odometry: what its inputs, its jumps and the images say of it, as one level and
one sentence.

Knows no ROS.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from slowfeat.live.input_health import InputHealth, Level
from slowfeat.self_check import MIN_COMPARISONS, SelfCheck

# Where nothing was compared for so long, the images say nothing of odometry any more, s.
COMPARED_S = 3.0
EXPECTED = "the robot's motion is predicted as expected"


@dataclass(frozen=True)
class OdometryHealth:
    """As slowfeat_interfaces/OdometryHealth."""

    level: Level
    sentence: str
    # Median of seen to expected error; NaN while too little is known.
    ratio: float = math.nan
    # Which scale of the reported motion predicts best, and the share of the squared error it takes
    # away.
    scale: float = math.nan
    scale_gain: float = 0.0
    # Comparisons of the last `window_s` count; this many did, and so many were not made.
    window_s: float = 0.0
    comparisons: int = 0
    left_out: int = 0


class HealthJudge:
    """Puts together what inputs and comparisons say; from any thread.

    Args:
        inputs: watches what comes.
        check: judges the comparisons.
    """

    def __init__(self, inputs: InputHealth, check: SelfCheck) -> None:
        self.inputs = inputs
        self.check = check
        # Why the last comparison that was due was not made, and how many were not since the last
        # that was.
        self.left_out_reason = ""
        self.left_out = 0
        self._compared_s = -math.inf

    def compared(self) -> None:
        """A comparison was made."""
        self._compared_s = time.monotonic()
        self.left_out, self.left_out_reason = 0, ""

    def not_compared(self, reason: str) -> None:
        """A comparison was due and not made."""
        self.left_out += 1
        self.left_out_reason = reason

    def clear(self) -> None:
        """Start afresh."""
        self._compared_s = -math.inf
        self.left_out, self.left_out_reason = 0, ""

    def health(self, now_s: float | None = None) -> OdometryHealth:
        """What is known just now; `now_s` is time.monotonic()."""
        now_s = time.monotonic() if now_s is None else now_s
        verdict = self.check.verdict()
        level, sentence = self.inputs.state(now_s)
        if level is not Level.STALE and not sentence and verdict.problem:
            level, sentence = Level.WARN, verdict.problem
        if level is Level.OK:
            sentence = self._too_little(now_s, verdict.comparisons)
            level = Level.STALE if sentence else Level.OK
        return OdometryHealth(
            level,
            sentence or EXPECTED,
            verdict.ratio,
            verdict.scale,
            verdict.scale_gain,
            self.check.window_s,
            verdict.comparisons,
            self.left_out,
        )

    def _too_little(self, now_s: float, comparisons: int) -> str:
        """Why the images say nothing just now; empty where they do."""
        silent = now_s - self._compared_s > COMPARED_S
        if silent and self.left_out:
            return f"the last {self.left_out} comparisons were not made: {self.left_out_reason}"
        if silent or comparisons < MIN_COMPARISONS:
            return (
                f"too few comparisons ({0 if silent else comparisons} of {MIN_COMPARISONS}): they "
                "need images with odometry around them"
            )
        return ""
