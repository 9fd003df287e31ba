"""Nearest neighbours, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from slowfeat_trainer.report.nearest_frames import apart, nearest, pose_distance


def test_nearest_by_hand() -> None:
    bank = np.array([[1.0, 0.0], [0.0, 5.0], [2.0, 2.1]])
    # By angle, whatever the length.
    np.testing.assert_array_equal(nearest(np.array([[3.0, 3.0]]), bank, 2), [[2, 0]])


def test_of_frames_close_in_time_the_nearest_is_shown() -> None:
    stamps = (np.array([0.0, 0.1, 5.0, 5.2, 9.0, 20.0, 21.5]) * 1e9).astype(np.int64)
    ranked = np.array([[1, 0, 3, 2, 4, 5, 6]])
    np.testing.assert_array_equal(apart(ranked, stamps), [[1, 3, 4, 5, 6]])


def test_pose_distance_by_hand() -> None:
    a = np.tile(np.eye(4), (3, 1, 1))
    b = a.copy()
    b[:, :2, 3] = [[3, 4], [0, 1], [0, 9]]
    b[0, :2, :2] = b[1, :2, :2] = [[0, -1], [1, 0]]
    metres, degrees = pose_distance(a, b)
    assert metres == pytest.approx(5.0)
    assert degrees == pytest.approx(90.0)
