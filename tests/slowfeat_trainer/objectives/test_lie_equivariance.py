"""Equivariance of a rotating code against the matrix exponential."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from scipy.linalg import expm

from slowfeat.geometry import motion_matrix
from slowfeat_trainer.objectives import lie_equivariance

RNG = np.random.default_rng(5)


def logarithm_reference(motion: np.ndarray) -> np.ndarray:
    """Of the 4x4 pose, by solving t = V v with V as a series."""
    w = motion[3:]
    K = np.array([[0, -w[2], w[1]], [w[2], 0, -w[0]], [-w[1], w[0], 0]])
    V, power = np.eye(3), np.eye(3)
    for n in range(1, 30):
        power = power @ K / (n + 1)
        V = V + power
    return np.concatenate([np.linalg.solve(V, motion_matrix(motion)[:3, 3]), w])


def test_lie_equivariance_is_its_reference_in_value_and_gradient() -> None:
    generators = RNG.normal(0, 0.5, (6, 2, 3, 3))
    before, after = RNG.normal(size=(2, 4, 6))
    motions = RNG.normal(0, 0.6, (4, 6))
    motions[0] = 0
    errors = []
    for z, motion, target in zip(before, motions, after, strict=True):
        xi = logarithm_reference(motion)
        blocks = [
            expm(sum(xi[i] * (generators[i, b] - generators[i, b].T) for i in range(6)))
            @ z[3 * b : 3 * b + 3]
            for b in range(2)
        ]
        errors.append(np.linalg.norm(np.concatenate(blocks) - target))
    given = [torch.tensor(a, requires_grad=True) for a in (generators, before, motions, after)]
    assert float(lie_equivariance(*given).detach()) == pytest.approx(np.mean(errors), rel=1e-7)
    assert torch.autograd.gradcheck(lie_equivariance, given)
    rows = RNG.permutation(4)
    shuffled = [torch.tensor(a) for a in (generators, before[rows], motions[rows], after[rows])]
    assert float(lie_equivariance(*shuffled)) == pytest.approx(np.mean(errors), rel=1e-7)


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (
            lambda: lie_equivariance(
                torch.zeros(6, 2, 3, 3), torch.zeros(4, 5), torch.zeros(4, 6), torch.zeros(4, 5)
            ),
            r"\(6, 2, 3, 3\)",
        ),
        (
            lambda: lie_equivariance(
                torch.zeros(6, 2, 3, 3), torch.zeros(4, 6), torch.zeros(4, 3), torch.zeros(4, 6)
            ),
            r"\(4, 3\)",
        ),
    ],
)
def test_wrong_shapes_are_named(call: Callable[[], object], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        call()
