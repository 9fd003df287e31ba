"""Interpolation of poses, and the ring buffer of the node."""

from __future__ import annotations

import numpy as np
import pytest

from slowfeat.geometry import quaternion_from_rotation_vector, rotation_vector_from_matrix
from slowfeat.odometry import NS, PoseBuffer, interpolate_poses, why_unusable

UNIT = (0.0, 0.0, 0.0, 1.0)


def test_position_is_linear_and_rotation_is_slerp() -> None:
    stamps = np.array([1, 2, 4]) * NS
    positions = np.array([[0.0, 0, 0], [1, 0, 0], [1, 4, 0]])
    turns = quaternion_from_rotation_vector([[0.0, 0, 0], [0, 0, 0], [0, 0, 1.0]])
    at = np.array([1.25, 3.0, 4.0, 4.01, 0.99]) * NS
    poses, valid = interpolate_poses(stamps, positions, turns, at.astype(np.int64), 2.0)
    assert valid.tolist() == [True, True, True, False, False]
    np.testing.assert_allclose(poses[:3, :3, 3], [[0.25, 0, 0], [1, 2, 0], [1, 4, 0]], atol=1e-9)
    angles = rotation_vector_from_matrix(poses[:3, :3, :3])[:, 2]
    np.testing.assert_allclose(angles, [0, 0.5, 1], atol=1e-7)


def test_no_interpolation_over_a_gap() -> None:
    stamps = np.array([1, 2, 4]) * NS
    _, valid = interpolate_poses(
        stamps, np.zeros((3, 3)), np.tile(UNIT, (3, 1)), np.array([3 * NS, 2 * NS]), 1.5
    )
    assert valid.tolist() == [False, True]


@pytest.mark.parametrize(
    ("stamp", "position", "quaternion", "reason"),
    [
        (0, (0, 0, 0), UNIT, "stamp of zero"),
        (1, (0, np.nan, 0), UNIT, "pose not finite"),
        (1, (0, 0, 0), (0, 0, 0, np.inf), "pose not finite"),
        (1, (0, 0, 0), (0, 0, 0, 0), "quaternion not of length one"),
        (1, (0, 0, 0), UNIT, None),
    ],
)
def test_unusable_poses_have_a_reason(
    stamp: int, position: tuple[float, ...], quaternion: tuple[float, ...], reason: str | None
) -> None:
    assert why_unusable(stamp, position, quaternion) == reason


def test_buffer_answers_between_its_poses_only() -> None:
    buffer = PoseBuffer(seconds=2.0)
    for k in range(1, 11):
        assert buffer.add(k * NS // 2, (float(k), 0, 0), UNIT) is None
    assert len(buffer) == 5  # two seconds at 2 Hz, ends included
    pose = buffer.at(round(4.75 * NS))
    assert pose is not None
    assert pose[0, 3] == pytest.approx(9.5)
    assert buffer.at(5 * NS) is not None
    assert buffer.at(5 * NS + 1) is None
    assert buffer.at(NS) is None


def test_buffer_drops_repeats_and_starts_afresh_when_time_is_set_back() -> None:
    buffer = PoseBuffer(seconds=2.0)
    buffer.add(100 * NS, (0, 0, 0), UNIT)
    assert buffer.add(100 * NS, (1, 0, 0), UNIT) == "stamp repeated"
    assert buffer.add(100 * NS - NS // 2, (1, 0, 0), UNIT) == "stamp out of order"
    assert buffer.add(98 * NS, (1, 0, 0), UNIT) is None
    assert len(buffer) == 1
