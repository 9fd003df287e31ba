"""Where something was in the way: ends of motions that odometry says the robot did not reach."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from slowfeat.geometry import Array, motion_matrix

# An end nearer than this to one that was not reached is not tried; m.
NEAR_M = 0.3
# A motion shorter than this turns on the spot: no wall is in the way of it.
ON_THE_SPOT_M = 0.1
# Ends kept; the oldest are forgotten, odometry has drifted since.
MOST = 100


class Barred:
    """Ends not reached, in the frame of odometry."""

    def __init__(self) -> None:
        self._ends: list[Array] = []

    def __len__(self) -> int:
        return len(self._ends)

    def clear(self) -> None:
        """Forget all (a new start, odometry that jumped)."""
        self._ends.clear()

    def add(self, T_odom_body: Array, motion: npt.ArrayLike) -> None:
        """From a pose (4, 4), a motion (6,) was asked for and not made; one on the spot is not kept."""
        asked = np.asarray(motion, np.float64)
        if np.linalg.norm(asked[:2]) >= ON_THE_SPOT_M:
            self._ends.append((T_odom_body @ motion_matrix(asked))[:2, 3])
            del self._ends[:-MOST]

    def allows(self, T_odom_body: Array, motions: npt.ArrayLike) -> npt.NDArray[np.bool_]:
        """Which of some motions (M, 6) from a pose (4, 4) do not end where the robot could not get to: (M,)."""
        m = np.asarray(motions, np.float64).reshape(-1, 6)
        free = np.linalg.norm(m[:, :2], axis=1) < ON_THE_SPOT_M
        if not self._ends:
            return np.ones(len(m), dtype=bool)
        ends = (T_odom_body @ motion_matrix(m))[:, :2, 3]
        away = np.linalg.norm(ends[:, None] - np.stack(self._ends), axis=-1).min(axis=1)
        return np.asarray(free | (away >= NEAR_M))
