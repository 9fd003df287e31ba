"""Views the robot had, and the way from each to where it is now: what was
seen moves along with the robot.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from slowfeat.bundle_info import BundleInfo
from slowfeat.errors import UsageError
from slowfeat.geometry import Array, compose_motions
from slowfeat.view_selection.motion_range import excess, half_range

# Views to predict from beside the one now: more of them cost time, and the nearest matter most.
MOST = 24


class Recall:
    """The view now and the nearest of those before, to predict others from.

    Args:
        now: (D,) the view now.
        info: of the bundle: its range of motions.
        seen: (S, D) views before; None for none.
        motions: (S, 6) [m, rad], from the body at each of them to the body now; None where it is
            not known: then nothing is predicted from them.

    Raises:
        UsageError: as many motions as views are needed.
    """

    def __init__(
        self,
        now: Array,
        info: BundleInfo,
        seen: npt.ArrayLike | None = None,
        motions: npt.ArrayLike | None = None,
    ) -> None:
        self.now = np.asarray(now)
        self._info = info
        half = half_range(info)
        # A robot that drives where it looks moves sideways by its turns alone.
        half[1] = max(half[0], half[1])
        self._half = half
        views, ways = self.now[None], np.zeros((1, 6))
        if seen is not None and motions is not None:
            before = np.asarray(seen).reshape(-1, len(self.now))
            since = np.asarray(motions, np.float64).reshape(-1, 6)
            if len(before) != len(since):
                raise UsageError(f"{len(before)} views seen with {len(since)} motions since then")
            near = np.argsort(np.linalg.norm(since / half, axis=1), kind="stable")[:MOST]
            views, ways = np.concatenate([views, before[near]]), np.concatenate([ways, since[near]])
        # (V, D) and (V, 6), the one now first.
        self.views, self._ways = views, ways

    def nearest(self, ends: Array) -> tuple[npt.NDArray[np.int64], Array]:
        """Which view is nearest to each end (N, 6), seen from the body now, and the motion (N, 6)
        from there to it.

        -1 where the end is outside the trained range from all views.
        """
        pairs = self._pairs(ends)
        far = np.linalg.norm(pairs / self._half, axis=2)
        far = np.where(excess(pairs, self._info).reshape(far.shape) > 0, np.inf, far)
        best, rows = far.argmin(axis=0), np.arange(len(ends))
        found = np.isfinite(far[best, rows])
        return np.where(found, best, -1).astype(np.int64), pairs[best, rows]

    def nearest_place(self, ends: Array) -> tuple[npt.NDArray[np.int64], Array]:
        """From which view's place each end (N, 6) is nearest, whichever way it looks, and the way
        (N, 6) without turning.
        """
        pairs = self._pairs(ends)
        best, rows = np.linalg.norm(pairs[..., :3], axis=2).argmin(axis=0), np.arange(len(ends))
        way = pairs[best, rows]
        way[:, 3:] = 0.0
        return best.astype(np.int64), way

    def _pairs(self, ends: Array) -> Array:
        """The motion from each view to each end: (V, N, 6)."""
        count, rows = len(self._ways), len(ends)
        asked = np.tile(np.asarray(ends, np.float64), (count, 1))
        return compose_motions(np.repeat(self._ways, rows, axis=0), asked).reshape(count, rows, 6)
