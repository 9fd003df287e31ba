"""A verdict on odometry, camera and bundle from how well the robot's own motion is predicted.

Statistics over the comparisons of the last seconds, each compared with its threshold:

- the ratio of the seen to the expected error, its median: high where the image changes without
  motion (frozen odometry, a robot that is carried) and where the encoder does not know what it sees
  (a scene unlike the training);
- the scale of the reported motion that predicts best: odometry that is wrong by a constant factor
  (slipping wheels, a wrong wheel radius) hardly raises the ratio, because a larger motion has a
  larger error to be expected, yet another scale explains the images better. Reported is the share
  of the squared error that this scale takes away;
- a change of the reported speed that the images do not show (`slowfeat.unseen_change`), and a
  view that changes at once (`slowfeat.scene_cut`).

Measured in docs/nodes/self_check.md. Knows no ROS.
"""

from __future__ import annotations

import math
import statistics
import threading
import time
from collections import deque
from dataclasses import dataclass

import numpy as np

from slowfeat.geometry import Array
from slowfeat.odometry import NS
from slowfeat.unseen_change import HISTORY_S, unseen_change

# The reported motion is tried whole, and as if it were so many times what the robot did.
SCALES: Array = np.array([1.0, 0.0, 1 / 3, 2 / 3, 1.5, 2.0])
# Fewer comparisons than this say nothing.
MIN_COMPARISONS = 8
# Nor do comparisons older than this, s.
LONGEST_S = 6.0
# A view that changed at once is a warning for so long, s.
CUT_S = 3.0
# Where no comparison has come for so long (no odometry, no images), the old ones no longer count.
STALE_S = 10.0
# A change of speed counts where so many comparisons in a row say that the images do not show it.
IN_A_ROW = 3
# A verdict is taken back once the statistic is this much of its threshold.
RECOVERED = 0.8
CAUSES = (
    "usual causes: slipping wheels, odometry that stands still, another camera, a scene unlike the "
    "training"
)


@dataclass(frozen=True)
class Comparison:
    """Predicted against seen, for one pair of frames."""

    # Of the frame after, ns.
    stamp_ns: int
    # (S,) squared l2 errors of the predictions for SCALES times the reported motion; where the
    # robot stands still by its odometry, (1,).
    squared_errors: Array
    # The l2 error to be expected for the motion as reported.
    expected_error: float
    # The reported speed, m/s; NaN: not known.
    speed: float = math.nan

    @property
    def ratio(self) -> float:
        """Seen to expected error; 1 when all is well."""
        return math.sqrt(float(self.squared_errors[0])) / max(self.expected_error, 1e-12)


@dataclass(frozen=True)
class Verdict:
    """What the last seconds say."""

    # One sentence; empty where nothing is wrong, or too little is known.
    problem: str = ""
    # Median of seen to expected error; NaN while too little is known.
    ratio: float = math.nan
    # Which scale of the reported motion predicts best, and the share of the squared error it takes
    # away.
    scale: float = math.nan
    scale_gain: float = 0.0
    comparisons: int = 0


class SelfCheck:
    """Takes comparisons in one thread and gives the verdict in another.

    Args:
        window_s: comparisons of so many seconds count.
        ratio_threshold: a median ratio above it is a problem.
        scale_threshold: so is a scale other than 1 that takes away more than this share of the
            error.
        unseen_threshold: so is a change of speed that the images do not show, with a score above
            it.
        cut_threshold: so is a view that changes at once (`slowfeat.scene_cut`) with a score above
            it.
    """

    def __init__(
        self,
        window_s: float = 1.5,
        ratio_threshold: float = 2.5,
        scale_threshold: float = 0.6,
        unseen_threshold: float = 0.15,
        cut_threshold: float = 1.4,
    ) -> None:
        self.window_s = window_s
        self.ratio_threshold = ratio_threshold
        self.scale_threshold = scale_threshold
        self.unseen_threshold = unseen_threshold
        self.cut_threshold = cut_threshold
        self._lock = threading.Lock()
        self._recent: deque[Comparison] = deque()
        # Comparisons with motion of the last HISTORY_S.
        self._history: deque[Comparison] = deque()
        # Score and scale of the last comparisons (`unseen_change`).
        self._unseen: deque[tuple[float, float]] = deque(maxlen=IN_A_ROW)
        # Of the last verdict: the share of the squared error that another scale takes away.
        self.last_gain = 0.0
        # When the view changed at once, ns.
        self._cut_ns: int | None = None
        self._newest_came_at = 0.0
        # Whether the ratio and the scale were a problem when looked at last.
        self._ratio_is_high = False
        self._scale_is_off = False
        self._unseen_is_high = False

    def add(self, comparison: Comparison) -> Verdict:
        """Take in a comparison; returns the verdict with it."""
        with self._lock:
            self._recent.append(comparison)
            self._newest_came_at = time.monotonic()
            oldest = comparison.stamp_ns - round(self.window_s * NS)
            # Of slow images the window holds more seconds, so that it holds enough comparisons.
            longest = comparison.stamp_ns - round(LONGEST_S * NS)
            while self._recent[0].stamp_ns < longest or (
                len(self._recent) > MIN_COMPARISONS and self._recent[0].stamp_ns < oldest
            ):
                self._recent.popleft()
            if (
                len(comparison.squared_errors) == len(SCALES)
                and comparison.speed == comparison.speed
            ):
                self._history.append(comparison)
            while (
                self._history and self._history[0].stamp_ns < comparison.stamp_ns - HISTORY_S * NS
            ):
                self._history.popleft()
            self._unseen.append(self._unseen_now())
            return self._judge()

    def note_cut(self, stamp_ns: int, score: float) -> None:
        """How much a cut the view is at a stamp (`slowfeat.scene_cut.SceneCut`)."""
        if score > self.cut_threshold:
            with self._lock:
                self._cut_ns = stamp_ns

    def verdict(self) -> Verdict:
        """What the last seconds of comparisons say."""
        with self._lock:
            if time.monotonic() - self._newest_came_at > STALE_S:
                self._forget()
            return self._judge()

    def clear(self) -> None:
        """Forget everything (another bundle, the clock was set back)."""
        with self._lock:
            self._forget()

    def _forget(self) -> None:
        self._recent.clear()
        self._history.clear()
        self._unseen.clear()
        self._cut_ns = None
        self._ratio_is_high = self._scale_is_off = self._unseen_is_high = False

    def _judge(self) -> Verdict:
        recent = list(self._recent)
        if len(recent) < MIN_COMPARISONS:
            return Verdict(comparisons=len(recent))
        ratio = statistics.median(item.ratio for item in recent)
        moved = [item for item in recent if len(item.squared_errors) == len(SCALES)]
        scale, gain = 1.0, 0.0
        if len(moved) >= MIN_COMPARISONS:
            scale, gain = best_scale(moved)
        self.last_gain = gain
        bar = RECOVERED if self._ratio_is_high else 1.0
        self._ratio_is_high = ratio > bar * self.ratio_threshold
        bar = RECOVERED if self._scale_is_off else 1.0
        self._scale_is_off = gain > bar * self.scale_threshold
        unseen, old_speed = self.unseen()
        bar = RECOVERED if self._unseen_is_high else 1.0
        self._unseen_is_high = unseen > bar * self.unseen_threshold
        problem = self._problem(ratio, scale, len(moved))
        if self._unseen_is_high and not problem:
            scale, gain = old_speed, max(gain, 0.0)
            problem = (
                f"odometry changed its speed to {1 / old_speed:.2g} times what it was, and the "
                f"images did not; {CAUSES}"
            )
        if self._cut_ns is not None and recent[-1].stamp_ns - self._cut_ns < CUT_S * NS:
            problem = problem or (
                "the view changed at once as no motion can: the robot was carried away, or "
                "another camera is on the topic"
            )
        return Verdict(problem, ratio, scale, gain, len(recent))

    def unseen(self) -> tuple[float, float]:
        """The least score of the last IN_A_ROW comparisons, and the scale of the last."""
        if len(self._unseen) < IN_A_ROW:
            return -math.inf, 1.0
        return min(score for score, _ in self._unseen), self._unseen[-1][1]

    def _unseen_now(self) -> tuple[float, float]:
        """The score of a change of speed that the images do not show, and the
        scale that would be the old speed.
        """
        if not self._history or self._history[-1] is not self._recent[-1]:
            return -math.inf, 1.0
        items = list(self._history)
        return unseen_change(
            np.array([(items[-1].stamp_ns - item.stamp_ns) / NS for item in items]),
            np.array([item.speed for item in items]),
            np.array([item.squared_errors for item in items]),
            np.array([item.expected_error for item in items]),
            SCALES,
        )

    def _problem(self, ratio: float, scale: float, moved: int) -> str:
        if self._scale_is_off:
            times = "" if scale in {SCALES.min(), SCALES.max()} else "about "
            told = (
                f"{times}{scale:.2g} times the motion that odometry reports fits the images better"
            )
            return f"{told}; {CAUSES}"
        if not self._ratio_is_high:
            return ""
        if moved < MIN_COMPARISONS:
            told = "the images change although odometry says that the robot stands still"
        else:
            told = f"predictions miss by {ratio:.1f} times what is expected"
        return f"{told}; {CAUSES}"


def best_scale(moved: list[Comparison]) -> tuple[float, float]:
    """The best of SCALES over some comparisons, and the share of the squared error it takes away.

    Each comparison is weighted by what was to be expected of it.
    """
    errors = np.array([item.squared_errors for item in moved])
    expected = np.array([max(item.expected_error, 1e-12) for item in moved])
    total = (errors / expected[:, None] ** 2).sum(axis=0)
    best = int(total.argmin())
    return float(SCALES[best]), float(1.0 - total[best] / max(total[0], 1e-30))
