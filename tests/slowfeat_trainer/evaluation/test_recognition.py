"""Recognition by neighbours: what an oracle, noise and a constant get, and a case by hand."""

from __future__ import annotations

import numpy as np
import pytest

from slowfeat_trainer.evaluation.recognition import class_coherence, knn_accuracy


def angles(*degrees: float) -> np.ndarray:
    radians = np.radians(degrees)
    return np.stack([np.cos(radians), np.sin(radians)], axis=1)


def test_by_hand() -> None:
    bank, bank_class = angles(0, 10, 20, 90), np.array([0, 1, 1, 0])
    query, query_class = angles(1), np.array([0])
    # Nearest first: 0, 1, 1, 0; precisions 1, 1/2, 1/3.
    got = class_coherence(query, query_class, bank, bank_class, neighbours=3)
    assert got == pytest.approx((1 + 1 / 2 + 1 / 3) / 3)
    assert knn_accuracy(query, query_class, bank, bank_class, neighbours=1) == 1
    assert knn_accuracy(query, query_class, bank, bank_class, neighbours=3) == 0
    # Two against two: the nearest decides.
    assert knn_accuracy(query, query_class, bank, bank_class, neighbours=4) == 1


@pytest.mark.parametrize(
    ("kind", "coherence", "accuracy"),
    [("oracle", 1, 1), ("noise", 0.25, 0.25), ("constant", 0.25, 0.25)],
)
def test_an_oracle_is_perfect_and_what_knows_nothing_gets_chance(
    kind: str, coherence: float, accuracy: float
) -> None:
    rng = np.random.default_rng(0)
    classes = np.arange(4).repeat(300)  # sorted, as data sets on disk are
    z = {
        "oracle": np.eye(4)[classes],
        "noise": rng.normal(size=(1200, 8)),
        "constant": np.ones((1200, 8)),
    }[kind]
    rows = rng.permutation(1200)
    query, bank = rows[:400], rows[400:]
    bank = np.sort(bank)
    args = (z[query], classes[query], z[bank], classes[bank])
    assert class_coherence(*args) == pytest.approx(coherence, abs=0.05)
    assert knn_accuracy(*args) == pytest.approx(accuracy, abs=0.05)
