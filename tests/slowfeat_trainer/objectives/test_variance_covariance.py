"""The guard against collapse by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from slowfeat_trainer.objectives import variance_covariance

RNG = np.random.default_rng(0)


def test_the_guard_by_hand_and_for_constant_and_collapsed_codes() -> None:
    z = RNG.normal(size=(6, 3))
    scaled = (z - z.mean(axis=0)) / 0.5
    covariance = scaled.T @ scaled / 5
    expected = (covariance**2).sum() - (np.diag(covariance) ** 2).sum()
    variance, off_diagonal = variance_covariance(torch.tensor(z), 0.5)
    std = np.sqrt(np.diag(covariance) + 1e-6)
    assert float(variance) == pytest.approx(np.maximum(0, 1 - std).mean())
    assert float(off_diagonal) == pytest.approx(expected / 3)
    constant = variance_covariance(torch.ones(6, 3), 0.5)
    assert float(constant[0]) == pytest.approx(1.0, abs=0.01)
    line = torch.tensor(np.outer(RNG.normal(size=50), [1.0, 1.0, 1.0]))
    spread = torch.tensor(RNG.normal(size=(50, 3)))
    assert float(variance_covariance(line, 0.5)[1]) > 5 * float(variance_covariance(spread, 0.5)[1])


def test_the_guard_has_the_gradient_of_finite_differences() -> None:
    z = torch.tensor(RNG.normal(0, 0.4, (4, 3)), requires_grad=True)
    assert torch.autograd.gradcheck(lambda a: variance_covariance(a, 0.7), [z])


def test_one_embedding_has_no_spread_and_is_refused() -> None:
    with pytest.raises(ValueError, match=r"batch of 2 at least; got \(1, 3\)"):
        variance_covariance(torch.zeros(1, 3), 1.0)
