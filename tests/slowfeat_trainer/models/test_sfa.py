"""Slow feature analysis finds the slow source that fast ones hide."""

from __future__ import annotations

import numpy as np
import pytest

from slowfeat_trainer.models.sfa import slow_features

T = np.linspace(0, 40, 4000)
SLOW = np.sin(0.7 * T)
FAST = np.cos(11 * T)


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    return abs(float(np.corrcoef(a, b)[0, 1]))


def test_a_slow_source_is_found_in_a_quadratic_mixture_of_slow_and_fast() -> None:
    # Wiskott & Sejnowski's first example: no linear function of these is slow.
    x = np.stack([SLOW + FAST**2, FAST], axis=1)
    found = slow_features(x, 3)
    assert correlation(found.transform(x)[:, 0], SLOW) > 0.999
    linear = slow_features(x, 2, quadratic=False)
    assert correlation(linear.transform(x)[:, 0], SLOW) < 0.97
    # What was found holds for times that were not seen.
    later = np.linspace(40, 60, 2000)
    y = np.stack([np.sin(0.7 * later) + np.cos(11 * later) ** 2, np.cos(11 * later)], axis=1)
    assert correlation(found.transform(y)[:, 0], np.sin(0.7 * later)) > 0.999


def test_features_have_unit_variance_are_uncorrelated_and_come_slowest_first() -> None:
    rng = np.random.default_rng(10)
    sources = np.stack([SLOW, np.sin(2.3 * T), FAST, rng.normal(size=len(T))], axis=1)
    x = sources @ rng.normal(size=(4, 4)) + 3
    found = slow_features(x, 8)
    y = found.transform(x)
    np.testing.assert_allclose(y.T @ y / len(y), np.eye(8), atol=1e-6)
    np.testing.assert_allclose(y.mean(axis=0), 0, atol=1e-9)
    assert (np.diff(found.delta) > 0).all()
    np.testing.assert_allclose((np.diff(y, axis=0) ** 2).mean(axis=0), found.delta, rtol=1e-6)
    assert correlation(y[:, 0], SLOW) > 0.99


def test_no_step_is_taken_from_one_clip_to_the_next() -> None:
    rng = np.random.default_rng(11)
    level = np.repeat(rng.normal(size=40), 50)  # changes only where a clip ends
    x = np.stack([level + 0.1 * rng.normal(size=2000), np.sin(0.2 * np.arange(2000))], axis=1)
    block = np.repeat(np.arange(40), 50)
    with_blocks = slow_features(x, 1, block=block, quadratic=False)
    without = slow_features(x, 1, quadratic=False)
    assert correlation(with_blocks.transform(x)[:, 0], level) > 0.98
    assert with_blocks.delta[0] < without.delta[0]


@pytest.mark.parametrize(
    ("x", "dimension", "named"),
    [
        (np.zeros((9, 2, 2)), 1, r"\(9, 2, 2\)"),
        (np.ones((9, 2)), 1, "constant"),
        (np.ones((2, 2)), 1, "2 steps"),
        (np.random.default_rng(0).normal(size=(50, 2)), 6, "must be 5 at most"),
    ],
)
def test_what_cannot_be_fitted_is_refused(x: np.ndarray, dimension: int, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        slow_features(x, dimension)
    with pytest.raises(ValueError, match=r"block \(T,\)"):
        slow_features(np.ones((9, 2)), 1, block=np.zeros(8, dtype=np.int64))
