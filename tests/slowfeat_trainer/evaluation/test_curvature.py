"""Straightness: what a straight path, a turn, noise and a constant get."""

from __future__ import annotations

import numpy as np
import pytest

from slowfeat_trainer.evaluation.curvature import extrapolation_error, straightness

ONE_BLOCK = np.zeros(2000, np.int64)


def test_by_hand() -> None:
    z = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [1.0, 3.0]])
    block = np.zeros(4, np.int64)
    assert straightness(z, block) == pytest.approx((0 + 1) / 2)
    # |(1, 0) - (0, 1)| / 1 and |(0, 1) - (0, 2)| / 2
    assert extrapolation_error(z, block) == pytest.approx((np.sqrt(2) + 0.5) / 2)


def test_a_straight_path_is_the_best_and_a_circle_knows_its_angle() -> None:
    t = np.arange(2000.0)
    line = np.outer(t, [1.0, -2.0, 0.5])
    assert straightness(line, ONE_BLOCK) == pytest.approx(1)
    assert extrapolation_error(line, ONE_BLOCK) == pytest.approx(0, abs=1e-9)
    circle = np.stack([np.cos(0.1 * t), np.sin(0.1 * t)], axis=1)
    assert straightness(circle, ONE_BLOCK, stride=3) == pytest.approx(np.cos(0.3))


def test_noise_and_a_constant_gain_nothing() -> None:
    noise = np.random.default_rng(0).normal(size=(2000, 16))
    assert straightness(noise, ONE_BLOCK) == pytest.approx(-0.5, abs=0.02)
    assert extrapolation_error(noise, ONE_BLOCK) == pytest.approx(np.sqrt(3), abs=0.05)
    constant = np.ones((2000, 16))
    assert straightness(constant, ONE_BLOCK) == 0
    assert extrapolation_error(constant, ONE_BLOCK) == 1


def test_triplets_do_not_reach_over_the_end_of_a_block() -> None:
    z = np.concatenate([np.arange(10.0), 100 - np.arange(10.0)])[:, None]
    block = np.repeat([0, 1], 10)
    assert straightness(z, block) == pytest.approx(1)
    assert straightness(z, np.zeros(20, np.int64)) < 1
