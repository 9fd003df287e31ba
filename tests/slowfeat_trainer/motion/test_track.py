"""A track between its poses, and where it knows none."""

from __future__ import annotations

import numpy as np

from slowfeat.geometry import quaternion_from_rotation_vector
from slowfeat_trainer.motion.track import Track

STAMPS = (np.arange(20) * 50_000_000 + 10**9).astype(np.int64)


def drive(x: np.ndarray, yaw: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Positions and quaternions of a drive along x."""
    zero = np.zeros_like(x)
    turn = np.stack([zero, zero, zero if yaw is None else yaw], axis=-1)
    return np.stack([x, zero, zero], axis=-1), quaternion_from_rotation_vector(turn)


def test_a_track_knows_no_pose_across_a_jump() -> None:
    x = np.arange(20) * 0.1
    x[12:] -= 5
    positions, quaternions = drive(x)
    track = Track(STAMPS, positions, quaternions, "b", "o", "/o", "odometry", STAMPS[12:13])
    at = np.array([STAMPS[11], STAMPS[11] + 1, STAMPS[12] - 1, STAMPS[12], STAMPS[19] + 1])
    poses, known = track.poses_at(at, 0.5)
    assert known.tolist() == [True, False, False, True, False]
    np.testing.assert_allclose(poses[known, 0, 3], [1.1, 1.2 - 5])
    shifted, known = track.poses_at(at + 10**9, 0.5, offset_s=1.0)
    np.testing.assert_allclose(shifted, poses)
    assert known.tolist() == [True, False, False, True, False]
