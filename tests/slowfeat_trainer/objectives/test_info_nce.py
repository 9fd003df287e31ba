"""InfoNCE beside numpy, and what a constant and an oracle get."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from slowfeat_trainer.objectives import info_nce


def reference(a: np.ndarray, b: np.ndarray, temperature: float) -> float:
    a = a / np.linalg.norm(a, axis=1, keepdims=True)
    b = b / np.linalg.norm(b, axis=1, keepdims=True)
    logits = a @ b.T / temperature
    forth = -logits.diagonal() + np.log(np.exp(logits).sum(axis=1))
    back = -logits.diagonal() + np.log(np.exp(logits).sum(axis=0))
    return float(0.5 * (forth.mean() + back.mean()))


def test_it_is_numpys() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 6, 4))
    got = float(info_nce(torch.tensor(a), torch.tensor(b), temperature=0.3))
    assert got == pytest.approx(reference(a, b, 0.3))


def test_a_constant_gets_the_logarithm_of_the_batch_and_an_oracle_nothing() -> None:
    same = torch.ones(8, 5)
    assert float(info_nce(same, same)) == pytest.approx(math.log(8))
    assert float(info_nce(torch.eye(8), torch.eye(8), temperature=0.05)) < 1e-6


def test_scale_does_not_count() -> None:
    rng = torch.Generator().manual_seed(0)
    a, b = torch.randn(2, 6, 4, generator=rng)
    assert float(info_nce(10 * a, 0.1 * b)) == pytest.approx(float(info_nce(a, b)), rel=1e-5)
