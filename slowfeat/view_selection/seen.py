"""What was seen so far, and where from: a bounded list of embeddings,
for choosing where to look next.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from slowfeat.geometry import Array, relative_motion
from slowfeat.odometry import BACKWARDS_S, NS

# Views closer in time than this are nearly the same; s.
EVERY_S = 0.2
# Views kept. When they are more, every other of the older half goes: the past thins out, it does
# not vanish.
MOST = 2000
# After this long odometry will not say any more where a view was; s.
GIVE_UP_S = 2.0


@dataclass
class _View:
    stamp_ns: int
    embedding: npt.NDArray[np.float32]
    # (4, 4) in the frame of odometry; None while it is not known.
    pose: Array | None = None
    # Whether odometry may still say where that was.
    may_come: bool = True


class SeenViews:
    """Takes embeddings in one thread and gives them out in another.

    Args:
        every_s: at most one view is kept in so many seconds.
        most: views kept.
    """

    def __init__(self, every_s: float = EVERY_S, most: int = MOST) -> None:
        self._every_ns = round(every_s * NS)
        self._most = most
        self._lock = threading.Lock()
        self._views: list[_View] = []
        self._newest_ns: int | None = None

    def __len__(self) -> int:
        return len(self._views)

    def add(self, stamp_ns: int, embedding: npt.NDArray[np.float32]) -> None:
        """Take in a view (D,); one that comes too soon after the last is left out.

        Time may be set back: then odometry begins anew, and where the views before were is not
        known any more.
        """
        with self._lock:
            if self._newest_ns is not None:
                passed_ns = stamp_ns - self._newest_ns
                if 0 <= passed_ns < self._every_ns:
                    return
                if passed_ns < -BACKWARDS_S * NS:
                    self._forget_places()
            self._newest_ns = stamp_ns
            self._views.append(_View(stamp_ns, embedding))
            if len(self._views) > self._most:
                half = self._most // 2
                self._views = self._views[:half:2] + self._views[half:]

    def forget_places(self) -> None:
        """Odometry jumped: where the views were seen from is not known any more; the views stay."""
        with self._lock:
            self._forget_places()

    def _forget_places(self) -> None:
        for view in self._views:
            view.pose, view.may_come = None, False

    def clear(self) -> None:
        """Forget everything (another bundle, a new start)."""
        with self._lock:
            self._views = []
            self._newest_ns = None

    def embeddings(self, dimension: int) -> npt.NDArray[np.float32]:
        """(S, D), oldest first; (0, D) where nothing was seen."""
        with self._lock:
            views = [view.embedding for view in self._views]
        return np.array(views, dtype=np.float32).reshape(len(views), dimension)

    def place(self, pose_at: Callable[[int], Array | None]) -> None:
        """Ask odometry where the last views were: stamp [ns] to pose (4, 4), or None while it does
        not know.

        To be called every few seconds at least: odometry is not kept for ever.
        """
        with self._lock:
            for view in reversed(self._views):
                if view.pose is not None or not view.may_come:
                    break
                view.pose = pose_at(view.stamp_ns)
                late_ns = (self._newest_ns or 0) - view.stamp_ns
                view.may_come = view.pose is None and late_ns < GIVE_UP_S * NS

    def with_ways(
        self, dimension: int, T_odom_body: Array
    ) -> tuple[npt.NDArray[np.float32], Array]:
        """Views (S, D) whose place is known, and the motions (S, 6) from the
        body at each to the body now.
        """
        with self._lock:
            known = [(v.embedding, v.pose) for v in self._views if v.pose is not None]
        views = np.array([z for z, _ in known], dtype=np.float32).reshape(len(known), dimension)
        if not known:
            return views, np.zeros((0, 6))
        poses = np.stack([pose for _, pose in known])
        return views, relative_motion(poses, np.broadcast_to(T_odom_body, poses.shape))
