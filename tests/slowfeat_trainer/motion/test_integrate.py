"""Twists are integrated exactly."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import expm

from slowfeat_trainer.motion.integrate import HOLD_S, exponential, integrate_twists

NS = 1_000_000_000


def ns(*seconds: float) -> np.ndarray:
    return np.array([round(s * NS) for s in seconds], dtype=np.int64)


def test_the_exponential_is_that_of_matrices() -> None:
    rng = np.random.default_rng(0)
    twists = rng.normal(size=(60, 6)) * np.logspace(-9, 0.5, 60)[:, None]
    twists[0] = 0.0
    seconds = rng.uniform(0.1, 2, 60)
    rotation, translation = exponential(twists, seconds)
    for twist, dt, R, p in zip(twists, seconds, rotation, translation, strict=True):
        vx, vy, vz, wx, wy, wz = twist * dt
        T = expm(np.array([[0, -wz, wy, vx], [wz, 0, -wx, vy], [-wy, wx, 0, vz], [0, 0, 0, 0]]))
        np.testing.assert_allclose(R, T[:3, :3], atol=1e-12)
        np.testing.assert_allclose(p, T[:3, 3], rtol=1e-9, atol=1e-12)


def test_a_circle_is_driven_all_the_way_round() -> None:
    # Half a metre a second on a circle of one metre: round in 4 pi seconds.
    stamps = np.round(np.linspace(1, 1 + 4 * np.pi, 41) * NS).astype(np.int64)
    poses = integrate_twists(stamps, np.tile([0.5, 0, 0, 0, 0, 0.5], (41, 1)))
    np.testing.assert_allclose(poses.positions[-1], 0.0, atol=1e-7)
    # Also between the messages the poses lie on the circle.
    assert len(poses.stamps) > 100
    np.testing.assert_allclose(np.linalg.norm(poses.positions - [0, 1, 0], axis=1), 1.0, atol=1e-7)
    assert np.all(np.diff(poses.stamps) > 0)


def test_a_command_counts_as_stop_after_half_a_second() -> None:
    poses = integrate_twists(ns(1, 4, 4.1), np.array([[1.0, 0, 0, 0, 0, 0]] * 3))
    x = np.interp([1.25, 1.5, 2.5, 4.0, 4.1], poses.stamps / NS, poses.positions[:, 0])
    np.testing.assert_allclose(x, [0.25, HOLD_S, HOLD_S, HOLD_S, HOLD_S + 0.1], atol=1e-9)
    # The body is known to stand, so its poses leave no gap.
    assert np.diff(poses.stamps).max() <= 0.16 * NS


def test_a_very_long_pause_is_not_filled() -> None:
    poses = integrate_twists(ns(1, 100_000), np.zeros((2, 6)))
    assert len(poses.stamps) < 1000


@pytest.mark.parametrize("count", [0, 1])
def test_hardly_any_twists_are_no_error(count: int) -> None:
    assert len(integrate_twists(ns(*[5] * count), np.zeros((count, 6))).stamps) == count
