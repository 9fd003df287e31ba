"""Poses over time: checked on the way in, interpolated at the stamps of images.

Used by the node (a buffer of the last seconds) and by the trainer (a whole bag), so that a motion
means the same to both. Stamps are integer nanoseconds.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from itertools import islice

import numpy as np
import numpy.typing as npt

from slowfeat.geometry import Array, pose_matrix, slerp

Stamps = npt.NDArray[np.int64]
NS = 1_000_000_000
# Stamps that go back by less than this come from messages out of order; by more, time was set back.
BACKWARDS_S = 1.0


def why_unusable(stamp_ns: int, position: npt.ArrayLike, quaternion: npt.ArrayLike) -> str | None:
    """The reason why a pose cannot be used (a column of the table of reasons), or None."""
    if stamp_ns <= 0:
        return "stamp of zero"
    p, q = np.asarray(position, dtype=np.float64), np.asarray(quaternion, dtype=np.float64)
    if not (np.all(np.isfinite(p)) and np.all(np.isfinite(q))):
        return "pose not finite"
    if abs(float(np.linalg.norm(q)) - 1.0) > 0.1:
        return "quaternion not of length one"
    return None


def interpolate_poses(
    stamps: Stamps, positions: Array, quaternions: Array, at: Stamps, max_gap_s: float
) -> tuple[Array, npt.NDArray[np.bool_]]:
    """Poses (M, 4, 4) at the stamps `at` (M,), linear in position and slerp in rotation.

    Args:
        stamps: (N,) strictly increasing, ns.
        positions: (N, 3) m.
        quaternions: (N, 4) [x y z w].
        at: (M,) ns.
        max_gap_s: no interpolation between poses further apart than this.

    Returns:
        The poses and a mask (M,) of the stamps that lie between two poses close enough.
    """
    if len(stamps) < 2:
        return np.broadcast_to(np.eye(4), (len(at), 4, 4)), np.zeros(len(at), dtype=bool)
    after = np.clip(np.searchsorted(stamps, at), 1, len(stamps) - 1)
    before = after - 1
    gap = stamps[after] - stamps[before]
    share = (at - stamps[before]) / gap
    valid = (at >= stamps[0]) & (at <= stamps[-1]) & (gap <= max_gap_s * NS)
    share = np.clip(share, 0.0, 1.0)
    q = quaternions / np.linalg.norm(quaternions, axis=-1, keepdims=True)
    position = positions[before] + share[:, None] * (positions[after] - positions[before])
    return pose_matrix(position, slerp(q[before], q[after], share)), valid


class PoseBuffer:
    """The poses of the last `seconds`, for looking up the pose at an image's stamp."""

    def __init__(self, seconds: float = 10.0, max_gap_s: float = 0.5) -> None:
        self.seconds = seconds
        self.max_gap_s = max_gap_s
        self._poses: deque[tuple[int, tuple[float, ...], tuple[float, ...]]] = deque()

    def __len__(self) -> int:
        return len(self._poses)

    @property
    def newest_ns(self) -> int | None:
        """Stamp of the newest pose; None without."""
        return self._poses[-1][0] if self._poses else None

    def clear(self) -> None:
        """Forget everything (the clock jumped, the source changed)."""
        self._poses.clear()

    def add(self, stamp_ns: int, position: npt.ArrayLike, quaternion: npt.ArrayLike) -> str | None:
        """Take in a pose; returns why it was not used, or None.

        A stamp more than BACKWARDS_S older than the newest means that time was set back (a bag that
        loops): the buffer starts afresh.
        """
        reason = why_unusable(stamp_ns, position, quaternion)
        if reason is not None:
            return reason
        if self._poses and stamp_ns <= self._poses[-1][0]:
            if self._poses[-1][0] - stamp_ns < BACKWARDS_S * NS:
                return "stamp repeated" if stamp_ns == self._poses[-1][0] else "stamp out of order"
            self.clear()
        p, q = np.asarray(position, dtype=np.float64), np.asarray(quaternion, dtype=np.float64)
        self._poses.append((stamp_ns, tuple(p.tolist()), tuple(q.tolist())))
        while self._poses[0][0] < stamp_ns - self.seconds * NS:
            self._poses.popleft()
        return None

    def at(self, stamp_ns: int) -> Array | None:
        """Pose (4, 4) at a stamp, or None where no two poses close enough enclose it."""
        index = bisect_left(self._poses, stamp_ns, key=lambda pose: pose[0])
        start = max(index - 1, 0)
        near = list(islice(self._poses, start, start + 2))
        if len(near) < 2:
            return None
        stamps = np.array([pose[0] for pose in near])
        poses, valid = interpolate_poses(
            stamps,
            np.array([pose[1] for pose in near]),
            np.array([pose[2] for pose in near]),
            np.array([stamp_ns]),
            self.max_gap_s,
        )
        return poses[0] if valid[0] else None
