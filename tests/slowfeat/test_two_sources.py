"""Two publishers that tell one robot's poses by turns, and what only looks like it."""

from __future__ import annotations

import numpy as np
import pytest

from slowfeat.geometry import Array, quaternion_from_rotation_vector
from slowfeat.two_sources import alternates


def drive(drift: float = 0.0, noise: float = 0.0, count: int = 600) -> tuple[Array, Array]:
    """Poses of a drive; every second one is of a source that drifts away by so much of the way."""
    t = np.arange(count) * 0.05
    yaw = 0.9 * np.sin(0.8 * t)
    x, y = np.cumsum(0.015 * np.cos(yaw)), np.cumsum(0.015 * np.sin(yaw))
    positions = np.stack([x, y, np.zeros(count)], axis=-1)
    positions[1::2] *= 1 + drift
    positions += np.random.default_rng(0).normal(0, noise, positions.shape)
    turn = np.stack([np.zeros(count), np.zeros(count), yaw], axis=-1)
    return positions, quaternion_from_rotation_vector(turn)


def test_a_second_source_that_has_drifted_away_is_noticed() -> None:
    assert alternates(*drive(drift=0.1))


@pytest.mark.parametrize("noise", [0.0, 0.003, 0.05])
def test_one_source_is_one_however_noisy(noise: float) -> None:
    assert not alternates(*drive(noise=noise))


def test_a_robot_that_stands_or_says_nothing_is_one_source() -> None:
    still = np.zeros((300, 3))
    assert not alternates(still, np.tile([0.0, 0.0, 0.0, 1.0], (300, 1)))
    assert not alternates(still[:0], np.zeros((0, 4)))
