"""Resets of a source are found, single wrong poses are left out."""

from __future__ import annotations

import numpy as np
import pytest

from slowfeat.geometry import quaternion_from_rotation_vector
from slowfeat_trainer.motion.jumps import find_jumps

STAMPS = (np.arange(20) * 50_000_000 + 10**9).astype(np.int64)


def drive(x: np.ndarray, yaw: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Positions and quaternions of a drive along x."""
    zero = np.zeros_like(x)
    turn = np.stack([zero, zero, zero if yaw is None else yaw], axis=-1)
    return np.stack([x, zero, zero], axis=-1), quaternion_from_rotation_vector(turn)


def test_a_smooth_drive_has_no_jumps() -> None:
    found = find_jumps(STAMPS, *drive(np.arange(20) * 1.4))  # 28 m/s
    assert found.keep.all()
    assert not len(found.stamps)


def test_a_reset_is_a_jump() -> None:
    x = np.arange(20) * 0.1
    x[12:] -= 5
    found = find_jumps(STAMPS, *drive(x))
    assert found.keep.all()
    assert found.stamps.tolist() == [STAMPS[12]]


def test_a_turn_that_nothing_can_make_is_a_jump() -> None:
    yaw = np.where(np.arange(20) < 7, 0.0, 2.0)
    assert find_jumps(STAMPS, *drive(np.arange(20) * 0.02, yaw)).stamps.tolist() == [STAMPS[7]]


@pytest.mark.parametrize("at", [2, 7, 18])
def test_a_robot_that_stands_cannot_turn_at_once(at: int) -> None:
    yaw = np.where(np.arange(20) < at, 0.0, 2.0)
    assert find_jumps(STAMPS, *drive(np.zeros(20), yaw)).stamps.tolist() == [STAMPS[at]]


def test_a_robot_that_came_to_a_stop_cannot_move_at_once() -> None:
    x = np.concatenate([np.arange(8) * 0.05, np.full(12, 0.353)])
    x[15:] += 3.0
    assert find_jumps(STAMPS, *drive(x)).stamps.tolist() == [STAMPS[15]]


@pytest.mark.parametrize("wrong", [[5], [5, 7], [5, 7, 9, 12]])
def test_poses_that_jump_there_and_back_are_left_out(wrong: list[int]) -> None:
    x = np.arange(20) * 0.1
    x[wrong] += 50
    found = find_jumps(STAMPS, *drive(x))
    assert np.flatnonzero(~found.keep).tolist() == wrong
    assert not len(found.stamps)


def test_a_reset_beside_a_wrong_pose_is_still_found() -> None:
    x = np.arange(20) * 0.1
    x[5] += 50
    x[12:] -= 5
    found = find_jumps(STAMPS, *drive(x))
    assert np.flatnonzero(~found.keep).tolist() == [5]
    assert found.stamps.tolist() == [STAMPS[12]]


def test_stamps_close_together_make_no_jump_of_noise() -> None:
    stamps = STAMPS.copy()
    stamps[4] = stamps[3] + 1000
    x = np.zeros(20)
    x[4] = 0.01
    assert not len(find_jumps(stamps, *drive(x)).stamps)
