"""Contrast of neighbours in time by l2 distance against plain numpy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from slowfeat_trainer.objectives import drlim

RNG = np.random.default_rng(0)


def drlim_reference(
    z_t: np.ndarray, z_near: np.ndarray, z_far: np.ndarray, is_far: np.ndarray, margin: float
) -> float:
    attract = [np.sqrt(((a - b) ** 2).sum()) for a, b in zip(z_t, z_near, strict=True)]
    repel = [
        max(0.0, margin - np.sqrt(((z_t[i] - z_far[j]) ** 2).sum()))
        for i in range(len(z_t))
        for j in range(len(z_far))
        if is_far[i, j]
    ]
    return float(np.mean(attract) + (np.mean(repel) if repel else 0.0))


def test_drlim_is_its_reference() -> None:
    z_t, z_near = RNG.normal(0, 0.4, (2, 4, 3))
    z_far = RNG.normal(0, 0.4, (6, 3))
    is_far = RNG.random((4, 6)) < 0.6
    value = drlim(*(torch.tensor(a) for a in (z_t, z_near, z_far, is_far)), margin=1.0)
    assert float(value) == pytest.approx(drlim_reference(z_t, z_near, z_far, is_far, 1.0), rel=1e-6)


def test_drlim_is_symmetric_in_the_neighbours_without_negatives() -> None:
    a, b, far = (torch.tensor(RNG.normal(size=(4, 3))) for _ in range(3))
    none = torch.zeros(4, 4, dtype=torch.bool)
    assert float(drlim(a, b, far, none)) == float(drlim(b, a, far, none))


def test_drlim_of_a_collapsed_code_costs_the_margin() -> None:
    zero = torch.zeros(4, 3)
    assert float(
        drlim(zero, zero, zero, torch.ones(4, 4, dtype=torch.bool), margin=0.7)
    ) == pytest.approx(0.7, abs=1e-5)


def test_gradients_stay_finite_where_embeddings_meet() -> None:
    z = torch.zeros(3, 2, requires_grad=True)
    drlim(z, z, z, torch.ones(3, 3, dtype=torch.bool)).backward()
    assert z.grad is not None
    assert torch.isfinite(z.grad).all()


def test_drlim_has_the_gradient_of_finite_differences() -> None:
    z = [torch.tensor(RNG.normal(0, 0.4, s), requires_grad=True) for s in ((4, 3), (4, 3), (6, 3))]
    is_far = torch.tensor(RNG.random((4, 6)) < 0.5)
    assert torch.autograd.gradcheck(lambda a, b, c: drlim(a, b, c, is_far), z)


@pytest.mark.parametrize(
    "call",
    [
        lambda: drlim(torch.zeros(4, 3), torch.zeros(4, 2), torch.zeros(5, 3), torch.ones(4, 5)),
        lambda: drlim(torch.zeros(4, 3), torch.zeros(4, 3), torch.zeros(5, 2), torch.ones(4, 5)),
        lambda: drlim(torch.zeros(4, 3), torch.zeros(4, 3), torch.zeros(5, 3), torch.ones(5, 4)),
    ],
)
def test_wrong_shapes_are_named(call: Callable[[], Tensor]) -> None:
    with pytest.raises(ValueError, match="must"):
        call()
