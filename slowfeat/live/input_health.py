"""Whether odometry and images come as the self-check needs them, and what is wrong where they do
not.

Judged by what comes, not by what was meant: no odometry, none that can be used, odometry that is
late against the images, too sparse, of another frame, or that jumped. Times are s of a clock that
nobody sets, stamps ns of the robot's. Knows no ROS; from any thread.
"""

from __future__ import annotations

import itertools
import statistics
import threading
from collections import deque
from enum import IntEnum
from typing import NamedTuple

from slowfeat.odometry import NS


class Level(IntEnum):
    """How odometry is; the numbers are those of slowfeat_interfaces/OdometryHealth."""

    OK = 0
    WARN = 1
    STALE = 2


class InputState(NamedTuple):
    """What the inputs say; the reason is empty where nothing is wrong."""

    level: Level
    reason: str


# Without a message for so long it has ended, s.
ENDED_S = 1.0
# Images that are newer than the odometry that comes with them by this much: it is late, s. Images
# wait a second for it.
LATE_S = 0.9
# Odometry that is newer than the images by this much: their clocks differ, or the images are late,
# s.
AHEAD_S = 1.0
# What came in the last so many seconds counts.
WINDOW_S = 3.0
# A jump is a warning for so long, s.
JUMP_S = 3.0


class InputHealth:
    """Watches what comes in.

    Args:
        max_gap_s: poses further apart than this say nothing of what lies between them.
    """

    def __init__(self, max_gap_s: float = 0.5) -> None:
        self._max_gap_s = max_gap_s
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        """Start afresh (activation, time was set back)."""
        with self._lock:
            self._began_s: float | None = None
            self._image: tuple[float, int] | None = None
            # (came s, stamp ns, how much older than the newest image ns)
            self._odometry: deque[tuple[float, int, int]] = deque()
            self._last_odometry_s: float | None = None
            self._unusable: tuple[float, str] | None = None
            self._jump: tuple[float, str] | None = None
            self._foreign: dict[str, str] = {}

    def image(self, stamp_ns: int, now_s: float) -> None:
        """An image came."""
        with self._lock:
            self._begin(now_s)
            self._image = (now_s, stamp_ns)

    def odometry(self, stamp_ns: int, now_s: float) -> None:
        """A pose came that can be used; its stamp with the offset that is added to it."""
        with self._lock:
            self._begin(now_s)
            behind_ns = self._image[1] - stamp_ns if self._image is not None else 0
            self._odometry.append((now_s, stamp_ns, behind_ns))
            while self._odometry[0][0] < now_s - WINDOW_S:
                self._odometry.popleft()
            self._last_odometry_s = now_s

    def unusable(self, reason: str, now_s: float) -> None:
        """A message of odometry came that cannot be used."""
        with self._lock:
            self._begin(now_s)
            self._unusable = (now_s, reason)

    def jumped(self, what: str, now_s: float) -> None:
        """Odometry jumped (`slowfeat.jump_watch`)."""
        with self._lock:
            self._jump = (now_s, what)

    def foreign(self, what: str, reason: str) -> None:
        """A frame or a mount is not what the bundle was trained with; an empty reason: it is."""
        with self._lock:
            self._foreign[what] = reason

    def _begin(self, now_s: float) -> None:
        if self._began_s is None:
            self._began_s = now_s

    def state(self, now_s: float) -> InputState:
        """What is wrong just now, the worst first."""
        with self._lock:
            self._begin(now_s)
            reason = self._stale(now_s)
            if reason:
                return InputState(Level.STALE, reason)
            reason = self._doubtful(now_s)
            return InputState(Level.WARN if reason else Level.OK, reason)

    def _stale(self, now_s: float) -> str:
        began_s = now_s if self._began_s is None else self._began_s
        heard_s = self._last_odometry_s
        silent_s = now_s - (began_s if heard_s is None else heard_s)
        if silent_s > ENDED_S:
            if self._unusable is not None and now_s - self._unusable[0] < ENDED_S:
                return f"odometry cannot be used: {self._unusable[1]}"
            ended = (
                "no odometry comes" if heard_s is None else f"odometry ended {silent_s:.1f} s ago"
            )
            return self._sparse() or ended
        image_s = began_s if self._image is None else self._image[0]
        if now_s - image_s > 2 * ENDED_S:
            return f"no image has come for {now_s - image_s:.1f} s"
        return self._sparse() or self._late()

    def _sparse(self) -> str:
        stamps = [item[1] for item in self._odometry]
        gaps = [(b - a) / NS for a, b in itertools.pairwise(stamps)]
        if len(gaps) < 2 or statistics.median(gaps) <= self._max_gap_s:
            return ""
        return (
            f"odometry comes once in {statistics.median(gaps):.2f} s; poses more than "
            f"{self._max_gap_s:g} s apart say nothing of the motion between them"
        )

    def _late(self) -> str:
        if self._image is None or not self._odometry:
            return ""
        behind_s = statistics.median(item[2] for item in self._odometry) / NS
        if behind_s <= LATE_S:
            return ""
        return (
            f"odometry comes {behind_s:.1f} s after the images of its time: a late driver, or "
            "clocks that disagree (odom_offset_s corrects a clock)"
        )

    def _doubtful(self, now_s: float) -> str:
        if self._jump is not None and now_s - self._jump[0] < JUMP_S:
            return f"odometry jumped: {self._jump[1]}"
        if self._image is not None and self._odometry:
            ahead_s = -statistics.median(item[2] for item in self._odometry) / NS
            if ahead_s > AHEAD_S:
                return (
                    f"the stamps of odometry are {ahead_s:.1f} s ahead of the newest image: late "
                    "images, or clocks that disagree"
                )
        return next((reason for reason in self._foreign.values() if reason), "")
