"""Watches over the stamps of what comes in: time that runs backwards, stamps from the future."""

from __future__ import annotations

from typing import Any

from slowfeat.live.motion_check import MotionCheck
from slowfeat.live.statistics import Statistics
from slowfeat.live.throttle import Throttle
from slowfeat.odometry import BACKWARDS_S, NS

# A stamp further ahead of the node's clock than this is counted; clocks of two machines are closer.
FUTURE_S = 5.0


class TimeWatch:
    """Looks at each stamp before it is used.

    Time that runs backwards (a bag that loops, a simulation that was reset) makes the check against
    odometry start afresh. A stamp from the future is used all the same, because only the times
    between stamps matter; it is counted, because latencies and clocks are wrong then.
    """

    def __init__(self, node: Any, check: MotionCheck, counts: Statistics) -> None:
        self._node = node
        self._throttle = Throttle(node)
        self._check = check
        self._counts = counts
        # Newest stamp of each kind of input, ns.
        self._newest: dict[str, int] = {}

    def look_at(self, stamp_ns: int, kind: str) -> None:
        """Take note of the stamp of an input ("images", "odometry")."""
        newest = self._newest.get(kind, 0)
        if stamp_ns > newest - BACKWARDS_S * NS:
            self._newest[kind] = max(stamp_ns, newest)
        elif stamp_ns > 0:
            self._went_back(stamp_ns, kind, newest)
        if stamp_ns > self._node.get_clock().now().nanoseconds + FUTURE_S * NS:
            self._counts.counters.future_stamps += 1
            self._throttle.warn(
                "future",
                f"{self._counts.counters.future_stamps} stamps from the future so far (of "
                f"{kind}): the clocks of camera, odometry and this machine disagree, or "
                "use_sim_time is missing",
            )

    def _went_back(self, stamp_ns: int, kind: str, newest: int) -> None:
        # The other inputs go back with it, which is one event, not two.
        self._newest = {kind: stamp_ns}
        self._check.time_went_back()
        self._counts.counters.time_jumps += 1
        self._throttle.warn(
            "backwards",
            f"time ran backwards by {(newest - stamp_ns) / NS:.3g} s (stamps of {kind}): a bag "
            "that loops, or a clock that was set; the check against odometry starts afresh",
        )
