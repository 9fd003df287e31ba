"""Equivariance with one margin or one for each pattern, against plain numpy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from slowfeat_trainer.objectives import equivariance

RNG = np.random.default_rng(3)


def tensors(*arrays: np.ndarray) -> list[Tensor]:
    return [torch.tensor(a) for a in arrays]


def test_equivariance_takes_a_margin_for_each_pattern() -> None:
    moved, after = RNG.normal(0, 0.3, (3, 5, 4)), RNG.normal(0, 0.3, (5, 4))
    pattern, margin = np.array([0, 2, 1, 2, 2]), np.array([0.1, 0.8, 1.5])
    total = 0.0
    for g in range(3):
        for k in range(5):
            d = float(np.linalg.norm(moved[g, k] - after[k]))
            total += d if pattern[k] == g else max(0.0, margin[g] - d)
    value = equivariance(*tensors(moved, after, pattern), margin=torch.tensor(margin))
    assert float(value) == pytest.approx(total / 5)
    same = equivariance(
        *tensors(moved, after, pattern), margin=torch.full((3,), 0.5, dtype=torch.float64)
    )
    assert float(same) == pytest.approx(float(equivariance(*tensors(moved, after, pattern), 0.5)))


def test_equivariance_does_not_care_for_the_order_of_pairs_and_patterns() -> None:
    moved, after = RNG.normal(0, 0.3, (3, 6, 4)), RNG.normal(0, 0.3, (6, 4))
    pattern = RNG.integers(0, 3, 6)
    rows, names = RNG.permutation(6), RNG.permutation(3)
    shuffled = tensors(moved[names][:, rows], after[rows], np.argsort(names)[pattern[rows]])
    assert float(equivariance(*shuffled)) == pytest.approx(
        float(equivariance(*tensors(moved, after, pattern)))
    )


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (
            lambda: equivariance(
                torch.zeros(2, 4, 3), torch.zeros(4, 3), torch.zeros(4), torch.ones(3)
            ),
            r"\(3,\)",
        ),
    ],
)
def test_wrong_shapes_are_named(call: Callable[[], Tensor], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        call()


def equivariance_reference(
    moved: np.ndarray, after: np.ndarray, pattern: np.ndarray, margin: float
) -> float:
    total = 0.0
    for g in range(len(moved)):
        for k in range(len(after)):
            d = np.sqrt(((moved[g, k] - after[k]) ** 2).sum())
            total += d if pattern[k] == g else max(0.0, margin - d)
    return total / len(after)


def test_equivariance_is_its_reference() -> None:
    moved, after = RNG.normal(0, 0.3, (3, 5, 4)), RNG.normal(0, 0.3, (5, 4))
    pattern = np.array([0, 2, 1, 2, 2])
    value = equivariance(
        torch.tensor(moved), torch.tensor(after), torch.tensor(pattern), margin=0.5
    )
    assert float(value) == pytest.approx(
        equivariance_reference(moved, after, pattern, 0.5), rel=1e-6
    )


def test_equivariance_is_zero_where_the_right_map_hits_and_the_others_miss() -> None:
    after = torch.tensor(RNG.normal(size=(5, 4)))
    pattern = torch.tensor([0, 1, 0, 1, 1])
    moved = torch.stack([torch.where((pattern == g)[:, None], after, after + 10) for g in (0, 1)])
    assert float(equivariance(moved, after, pattern, margin=1.0)) == pytest.approx(0, abs=1e-5)
    swapped = moved.flip(0)
    assert float(equivariance(swapped, after, pattern, margin=1.0)) > 10


def test_equivariance_has_the_gradient_of_finite_differences() -> None:
    moved = torch.tensor(RNG.normal(0, 0.3, (2, 4, 3)), requires_grad=True)
    after = torch.tensor(RNG.normal(0, 0.3, (4, 3)), requires_grad=True)
    pattern = torch.tensor([0, 1, 1, 0])
    assert torch.autograd.gradcheck(lambda a, b: equivariance(a, b, pattern, 0.8), (moved, after))


@pytest.mark.parametrize(
    "call",
    [
        lambda: equivariance(torch.zeros(4, 3), torch.zeros(4, 3), torch.zeros(4)),
        lambda: equivariance(torch.zeros(2, 4, 3), torch.zeros(5, 3), torch.zeros(5)),
        lambda: equivariance(torch.zeros(2, 4, 3), torch.zeros(4, 3), torch.zeros(5)),
    ],
)
def test_shapes_that_do_not_belong_together_are_refused(call: Callable[[], Tensor]) -> None:
    with pytest.raises(ValueError, match="must"):
        call()
