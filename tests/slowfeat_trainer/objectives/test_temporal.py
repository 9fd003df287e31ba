"""Contrast of neighbours in time by l1 distance against plain numpy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from slowfeat_trainer.objectives import temporal
from tests.helpers.gradients import gradients_are_those_of_finite_differences, tensors

RNG = np.random.default_rng(3)


def temporal_reference(
    z: np.ndarray, near: np.ndarray, far: np.ndarray, is_far: np.ndarray, margin: float
) -> float:
    attract = np.mean([np.abs(a - b).sum() for a, b in zip(z, near, strict=True)])
    repel = [
        max(0.0, margin - np.abs(z[i] - far[j]).sum())
        for i in range(len(z))
        for j in range(len(far))
        if is_far[i, j]
    ]
    return float(attract + (np.mean(repel) if repel else 0.0))


def test_temporal_is_its_reference_in_value_and_gradient() -> None:
    z, near = RNG.normal(0, 0.3, (2, 4, 3))
    far, is_far = RNG.normal(0, 0.3, (6, 3)), RNG.random((4, 6)) < 0.5
    for margin in (0.4, 1.0):
        value = temporal(*tensors(z, near, far, is_far), margin=margin)
        assert float(value) == pytest.approx(temporal_reference(z, near, far, is_far, margin))
    mask = torch.tensor(is_far)
    assert gradients_are_those_of_finite_differences(
        lambda a, b, c: temporal(a, b, c, mask), z, near, far
    )


def test_temporal_does_not_care_for_the_order_of_batch_negatives_and_dimensions() -> None:
    z, near = RNG.normal(0, 0.3, (2, 5, 3))
    far, is_far = RNG.normal(0, 0.3, (7, 3)), RNG.random((5, 7)) < 0.5
    rows, columns, axes = RNG.permutation(5), RNG.permutation(7), RNG.permutation(3)
    shuffled = tensors(
        z[rows][:, axes], near[rows][:, axes], far[columns][:, axes], is_far[rows][:, columns]
    )
    assert float(temporal(*shuffled)) == pytest.approx(
        float(temporal(*tensors(z, near, far, is_far)))
    )
    nothing = np.zeros_like(is_far)
    assert float(temporal(*tensors(z, near, far, nothing))) == pytest.approx(
        float(temporal(*tensors(near, z, far, nothing)))
    )


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (
            lambda: temporal(
                torch.zeros(4, 3), torch.zeros(4, 2), torch.zeros(5, 3), torch.ones(4, 5)
            ),
            r"z_near \(4, 2\)",
        ),
        (
            lambda: temporal(
                torch.zeros(4, 3), torch.zeros(4, 3), torch.zeros(5, 3), torch.ones(5, 4)
            ),
            r"\(5, 4\)",
        ),
    ],
)
def test_wrong_shapes_are_named(call: Callable[[], Tensor], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        call()
