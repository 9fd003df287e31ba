"""Softmax over bins of motion against plain numpy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from slowfeat_trainer.objectives import MotionBins, lsm

RNG = np.random.default_rng(5)


def cross_entropy(logits: np.ndarray, label: int) -> float:
    return float(np.log(np.exp(logits).sum()) - logits[label])


def test_lsm_is_the_sum_of_a_softmax_for_each_component() -> None:
    logits, bins = RNG.normal(size=(4, 3, 20)), RNG.integers(0, 20, (4, 3))
    expected = np.mean(
        [sum(cross_entropy(logits[b, c], bins[b, c]) for c in range(3)) for b in range(4)]
    )
    given, target = torch.tensor(logits, requires_grad=True), torch.tensor(bins)
    assert float(lsm(given, target).detach()) == pytest.approx(expected)
    assert torch.autograd.gradcheck(lambda a: lsm(a, target), [given])


def test_motions_fall_into_uniform_bins_of_the_components_that_move() -> None:
    motions = np.zeros((2001, 6))
    motions[:, 0], motions[:, 5] = np.linspace(0, 1, 2001), np.linspace(-0.5, 0.5, 2001)
    motions[-1, 5] = 300.0  # a jump, which must not take all the bins for itself
    bins = MotionBins.fitted_to(motions, motions.std(axis=0))
    assert bins.components.tolist() == [0, 5]
    counts = np.bincount(bins.assign(motions)[:, 0], minlength=20)
    assert len(counts) == 20
    assert counts.min() > 0.9 * 2001 / 20
    probe = np.zeros((3, 6))
    probe[:, 5] = [-9.0, 0.001, 9.0]
    assert bins.assign(probe)[:, 1].tolist() == [0, 10, 19]


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: lsm(torch.zeros(4, 3, 20), torch.zeros(4, 2, dtype=torch.long)), r"\(4, 2\)"),
        (lambda: MotionBins.fitted_to(np.zeros((5, 3)), np.ones(6)), r"\(5, 3\)"),
        (lambda: MotionBins.fitted_to(np.zeros((5, 6)), np.zeros(6)), "nothing moves"),
    ],
)
def test_wrong_shapes_are_named(call: Callable[[], object], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        call()
