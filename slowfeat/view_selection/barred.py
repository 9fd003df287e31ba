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
        """From a pose (4, 4), a motion (6,) was asked for and not
        made; one on the spot is not kept.
        """
        asked = np.asarray(motion, np.float64)
        if np.linalg.norm(asked[:2]) >= ON_THE_SPOT_M:
            self._ends.append((T_odom_body @ motion_matrix(asked))[:2, 3])
            del self._ends[:-MOST]

    def seen_from(self, T_odom_body: Array) -> Array:
        """The ends (B, 2), m, in the body's axes at a pose (4, 4), as `is_barred` wants them."""
        ends = np.array(self._ends).reshape(-1, 2)
        return np.asarray((ends - T_odom_body[:2, 3]) @ T_odom_body[:2, :2])

    def allows(self, T_odom_body: Array, motions: npt.ArrayLike) -> npt.NDArray[np.bool_]:
        """Which of some motions (M, 6) from a pose (4, 4) do not end where the
        robot could not get to: (M,).
        """
        return ~is_barred(motions, self.seen_from(T_odom_body))


def is_barred(ends: npt.ArrayLike, barred: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Which of some poses (N, 6), seen from the body, are where it could not get to: (N,).

    Args:
        ends: (N, 6) m, rad; the place where it is now is never barred.
        barred: (B, 2) m, the ends not reached, seen from the body.
    """
    places = np.asarray(ends, np.float64).reshape(-1, 6)[:, :2]
    walls = np.asarray(barred, np.float64).reshape(-1, 2)
    near = (np.linalg.norm(places[:, None] - walls, axis=-1) < NEAR_M).any(axis=1)
    return np.asarray(near & (np.linalg.norm(places, axis=1) >= ON_THE_SPOT_M))
