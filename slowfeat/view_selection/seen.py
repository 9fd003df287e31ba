"""What was seen so far: a bounded list of embeddings, for looking for something new."""

from __future__ import annotations

import threading

import numpy as np
import numpy.typing as npt

from slowfeat.odometry import NS

# Views closer in time than this are nearly the same; s.
EVERY_S = 0.2
# Views kept. When they are more, every other of the older half goes: the past thins out, it does not vanish.
MOST = 2000


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
        self._views: list[npt.NDArray[np.float32]] = []
        self._newest_ns: int | None = None

    def __len__(self) -> int:
        return len(self._views)

    def add(self, stamp_ns: int, embedding: npt.NDArray[np.float32]) -> None:
        """Take in a view (D,); one that comes too soon after the last is left out. Time may be set back."""
        with self._lock:
            if self._newest_ns is not None and 0 <= stamp_ns - self._newest_ns < self._every_ns:
                return
            self._newest_ns = stamp_ns
            self._views.append(embedding)
            if len(self._views) > self._most:
                half = self._most // 2
                self._views = self._views[:half:2] + self._views[half:]

    def clear(self) -> None:
        """Forget everything (another bundle, a new start)."""
        with self._lock:
            self._views = []
            self._newest_ns = None

    def embeddings(self, dimension: int) -> npt.NDArray[np.float32]:
        """(S, D), oldest first; (0, D) where nothing was seen."""
        with self._lock:
            views = list(self._views)
        return np.array(views, dtype=np.float32).reshape(len(views), dimension)
