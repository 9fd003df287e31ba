"""Each metric on a hand-computed example, and what constant, random and oracle codes get."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from slowfeat_trainer.metrics import equivariance as m

RNG = np.random.default_rng(0)


def test_rho_by_hand_and_its_floor() -> None:
    start = np.array([[0.0, 0], [0, 0], [0, 0]])
    actual = np.array([[1.0, 0], [0, 2], [0, 1e-9]])
    predicted = np.array([[0.5, 0], [0, 2], [0, 0.1]])
    # Denominators 1, 2 and a tenth of their median instead of 1e-9.
    assert m.equivariance_error(start, predicted, actual) == pytest.approx((0.5 + 0 + 1) / 3)
    assert m.equivariance_error(start[:2], start[:2], actual[:2]) == 1.0


def test_variance_explained_and_motion_gain_by_hand() -> None:
    actual = np.array([[0.0], [2.0]])
    assert m.variance_explained(np.array([[0.0], [1.0]]), actual) == 0.5
    assert m.variance_explained(np.ones((2, 1)), actual) == 0.0
    assert m.variance_explained(np.ones((2, 1)), np.ones((2, 1))) == 0.0
    assert m.motion_gain(np.array([[0.0], [1.0]]), np.ones((2, 1)), actual) == 0.5


def rank_by_hand(
    start: np.ndarray, p: np.ndarray, actual: np.ndarray, pool: np.ndarray
) -> list[float]:
    """Reciprocal ranks, one candidate at a time."""
    drawn = np.random.default_rng(0).integers(0, len(pool), (len(p), 98))
    found = []
    for i in range(len(p)):
        true = np.linalg.norm(p[i] - actual[i])
        rank = 1.0
        for other in [start[i], *pool[drawn[i]]]:
            distance = np.linalg.norm(p[i] - other)
            rank += (
                0.5 if np.isclose(distance, true, rtol=1e-9, atol=1e-9) else float(distance < true)
            )
        found.append(1 / rank)
    return found


def test_retrieval_is_what_ranking_by_hand_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(m, "BLOCK", 7)
    z = RNG.normal(size=(60, 8))
    start, actual = z[:30], z[30:]
    predicted = actual + RNG.normal(0, 1.5, size=actual.shape)
    got = m.transform_retrieval(start, predicted, actual, z, seeds=3)
    assert len(got) == 3
    assert got[0].mrr == pytest.approx(np.mean(rank_by_hand(start, predicted, actual, z)))
    assert len({g.mrr for g in got}) > 1


def test_retrieval_of_an_oracle_of_copy_and_of_noise() -> None:
    z = RNG.normal(size=(400, 8))
    start, actual = z[:200], z[200:]
    oracle = m.transform_retrieval(start, actual, actual, z, 1)[0]
    # The pool may hold the true frame itself: a tie, which counts half.
    assert oracle.mrr > 0.9
    assert m.transform_retrieval(start, start, actual, z, 1)[0].mrr <= 0.5
    noise = m.transform_retrieval(start, RNG.normal(size=actual.shape), actual, z, 1)[0]
    assert noise.mrr == pytest.approx(np.mean(1 / np.arange(1, 101)), abs=0.04)
    assert noise.hit_at_1 < 0.06


@pytest.mark.parametrize("constant", [0.0, 3.7])
def test_retrieval_gives_a_constant_code_the_middle_rank(constant: float) -> None:
    z = np.full((50, 4), constant)
    found = m.transform_retrieval(z[:25], z[:25], z[25:], z, 1)[0]
    assert found.mrr == pytest.approx(1 / 50.5)
    assert found.hit_at_1 == 0.0


def test_effective_rank_counts_directions() -> None:
    assert m.effective_rank(np.zeros((10, 3))) == 0.0
    line = np.outer(RNG.normal(size=500), [1, 2, 3])
    assert m.effective_rank(line) == pytest.approx(1.0, abs=1e-6)
    assert m.effective_rank(RNG.normal(size=(20000, 5))) == pytest.approx(5.0, abs=0.01)


def test_rank_correlation_is_spearmans() -> None:
    a, b = RNG.integers(0, 5, 40).astype(float), RNG.normal(size=40)
    assert m.rank_correlation(a, b) == pytest.approx(spearmanr(a, b).statistic)
    assert m.rank_correlation(np.ones(40), b) == 0.0


def test_composition_error_is_none_of_a_group_and_large_of_a_map_that_drifts() -> None:
    rng = np.random.default_rng(0)
    start = rng.normal(size=(50, 2))
    turn, other = rng.uniform(0.2, 0.8, (2, 50))

    def rotated(z: np.ndarray, angle: np.ndarray) -> np.ndarray:
        c, s = np.cos(angle), np.sin(angle)
        return np.stack([c * z[:, 0] - s * z[:, 1], s * z[:, 0] + c * z[:, 1]], axis=1)

    twice, direct = rotated(rotated(start, turn), other), rotated(start, turn + other)
    assert m.composition_error(start, twice, direct) == pytest.approx(0, abs=1e-9)
    # By hand: 1 off at a change of 2.
    assert m.composition_error(np.zeros((1, 1)), np.array([[3.0]]), np.array([[2.0]])) == 0.5
    shrinking = m.composition_error(start, 0.5 * twice, direct)
    assert shrinking > 0.3
