"""Equation 2 of Goroshin et al. against loops over frames, units and pools."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from slowfeat_trainer.objectives import slow_autoencoder, sparse
from tests.helpers.sparse_references import ALPHA, BETA, RNG, drawn, frame_cost, tensors


def test_eq_2_is_its_reference_in_value_and_gradient() -> None:
    given = x, r, h, z = drawn(2, 3)
    costs = [
        sum(frame_cost(x[k, b], r[k, b], h[k, b]) for k in (0, 1))
        + BETA * sum(abs(z[0, b, i] - z[1, b, i]) for i in range(2))
        for b in range(3)
    ]
    assert float(slow_autoencoder(*tensors(given), ALPHA, BETA)) == pytest.approx(np.mean(costs))
    assert torch.autograd.gradcheck(
        lambda *t: slow_autoencoder(*t, ALPHA, BETA), tensors(given, grad=True)
    )


def test_eq_2_is_symmetric_in_the_two_frames_and_in_the_order_of_pairs() -> None:
    given = drawn(2, 4)
    value = float(slow_autoencoder(*tensors(given), ALPHA, BETA))
    swapped = [a[::-1].copy() for a in given]
    assert float(slow_autoencoder(*tensors(swapped), ALPHA, BETA)) == pytest.approx(value)
    rows = RNG.permutation(4)
    shuffled = [a[:, rows] for a in given]
    assert float(slow_autoencoder(*tensors(shuffled), ALPHA, BETA)) == pytest.approx(value)


def test_eq_2_without_slowness_is_twice_the_sparse_autoencoder() -> None:
    given = drawn(2, 4)
    flat = [a.reshape(8, -1) for a in given[:3]]
    assert float(slow_autoencoder(*tensors(given), ALPHA, 0.0)) == pytest.approx(
        2 * float(sparse(*tensors(flat), ALPHA))
    )


def test_maps_are_flattened() -> None:
    x, h = torch.randn(2, 3, 2, 4, 4), torch.rand(2, 3, 4, 4, 4)
    z = torch.rand(2, 3, 2, 2, 2)
    value = slow_autoencoder(x, 0.9 * x, h, z, 0.1, 2.0)
    flat = slow_autoencoder(*(t.flatten(2) for t in (x, 0.9 * x, h, z)), 0.1, 2.0)
    assert float(value) == pytest.approx(float(flat))


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: slow_autoencoder(*torch.zeros(4, 3, 4, 5), 1.0, 1.0), r"x \(3, 4, 5\)"),
        (
            lambda: slow_autoencoder(
                torch.zeros(2, 4, 5), torch.zeros(2, 4, 6), *torch.zeros(2, 2, 4, 8), 1.0, 1.0
            ),
            r"reconstruction \(8, 6\)",
        ),
        (
            lambda: slow_autoencoder(
                *torch.zeros(2, 2, 4, 5), torch.zeros(2, 3, 8), torch.zeros(2, 4, 2), 1.0, 1.0
            ),
            r"h \(6, 8\)",
        ),
    ],
)
def test_wrong_shapes_are_named(call: Callable[[], Tensor], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        call()
