"""Steadiness of triplets against plain numpy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from slowfeat_trainer.objectives import steady
from tests.helpers.gradients import gradients_are_those_of_finite_differences, tensors

RNG = np.random.default_rng(3)


def steady_reference(z: np.ndarray, is_even: np.ndarray, margin: float) -> float:
    even, other = [], []
    for k in range(z.shape[1]):
        d = np.linalg.norm((z[1, k] - z[0, k]) - (z[2, k] - z[1, k]))
        (even if is_even[k] else other).append(d if is_even[k] else max(0.0, margin - d))
    return float((np.mean(even) if even else 0.0) + (np.mean(other) if other else 0.0))


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_steady_is_its_reference_in_value_and_gradient(share: float) -> None:
    z = RNG.normal(0, 0.3, (3, 8, 4))
    is_even = np.arange(8) < 8 * share
    for margin in (0.5, 1.5):
        value = steady(*tensors(*z, is_even), margin=margin)
        assert float(value) == pytest.approx(steady_reference(z, is_even, margin), rel=1e-6)
    mask = torch.tensor(is_even)
    assert gradients_are_those_of_finite_differences(lambda a, b, c: steady(a, b, c, mask), *z)


def test_steady_is_the_same_backwards_in_time_and_in_any_order() -> None:
    z, is_even = RNG.normal(0, 0.3, (3, 8, 4)), RNG.random(8) < 0.5
    value = float(steady(*tensors(*z, is_even)))
    assert float(steady(*tensors(*z[::-1], is_even))) == pytest.approx(value)
    rows = RNG.permutation(8)
    assert float(steady(*tensors(*z[:, rows], is_even[rows]))) == pytest.approx(value)


def test_an_even_walk_is_steady_and_a_standing_code_pays_the_margin() -> None:
    start, step = torch.tensor(RNG.normal(size=(2, 4, 3)))
    yes = torch.ones(4, dtype=torch.bool)
    assert float(steady(start, start + step, start + 2 * step, yes)) == pytest.approx(0, abs=1e-5)
    assert float(steady(start, start, start, ~yes, margin=0.8)) == pytest.approx(0.8, abs=1e-5)


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (
            lambda: steady(torch.zeros(4, 3), torch.zeros(4, 3), torch.zeros(3, 3), torch.ones(4)),
            r"z_3 \(3, 3\)",
        ),
        (lambda: steady(*torch.zeros(3, 4, 3), torch.ones(5)), r"\(5,\)"),
    ],
)
def test_wrong_shapes_are_named(call: Callable[[], Tensor], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        call()
