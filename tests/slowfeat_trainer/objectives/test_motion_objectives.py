"""Objectives that are told the motion or a label, against plain numpy; and what collapses without a guard."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from scipy.linalg import expm
from torch import Tensor, nn

from slowfeat.geometry import motion_matrix
from slowfeat_trainer.objectives import (
    MotionBins,
    classification,
    drlim,
    equivariance_continuous,
    lie_equivariance,
    lsm,
    squared_error,
    variance_covariance,
)

RNG = np.random.default_rng(5)


def cross_entropy(logits: np.ndarray, label: int) -> float:
    return float(np.log(np.exp(logits).sum()) - logits[label])


def test_classification_is_its_reference_in_value_and_gradient() -> None:
    logits, labels = RNG.normal(size=(5, 4)), RNG.integers(0, 4, 5)
    expected = np.mean([cross_entropy(row, k) for row, k in zip(logits, labels, strict=True)])
    given, target = torch.tensor(logits, requires_grad=True), torch.tensor(labels)
    assert float(classification(given, target).detach()) == pytest.approx(expected)
    assert torch.autograd.gradcheck(lambda a: classification(a, target), [given])
    rows = RNG.permutation(5)
    assert float(
        classification(torch.tensor(logits[rows]), torch.tensor(labels[rows]))
    ) == pytest.approx(expected)


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


def test_continuous_equivariance_is_its_reference_in_value_and_gradient() -> None:
    moved, after = RNG.normal(size=(2, 5, 3))
    expected = np.mean([np.linalg.norm(a - b) for a, b in zip(moved, after, strict=True)])
    given = [torch.tensor(a, requires_grad=True) for a in (moved, after)]
    assert float(equivariance_continuous(*given).detach()) == pytest.approx(expected)
    assert float(equivariance_continuous(*given[::-1]).detach()) == pytest.approx(expected)
    assert torch.autograd.gradcheck(equivariance_continuous, given)


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


def relative_spread(guard: Callable[[Tensor, Tensor], Tensor] | None) -> float:
    """Train a linear code and a map told the motion; spread of the code after, as a share of before."""
    torch.manual_seed(0)
    heading = torch.rand(96) * 6.28
    turn = 0.5 * torch.randn(96)

    def views(angle: Tensor) -> Tensor:
        return torch.stack([f(k * angle) for k in (1, 2) for f in (torch.sin, torch.cos)], dim=1)

    encoder = nn.Linear(4, 4)
    by_motion = nn.Linear(4 + 1 + 4, 4)
    optimiser = torch.optim.Adam([*encoder.parameters(), *by_motion.parameters()], lr=0.01)
    before = float(encoder(views(heading)).std(dim=0).mean().detach())
    for _ in range(200):
        z, after = encoder(views(heading)), encoder(views(heading + turn))
        moved = by_motion(torch.cat([z, turn[:, None], z * turn[:, None]], dim=1))
        loss = equivariance_continuous(moved, after)
        if guard is not None:
            loss = loss + guard(z, after)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return float(encoder(views(heading)).std(dim=0).mean().detach()) / before


def test_continuous_equivariance_collapses_alone_and_not_beside_a_guard() -> None:
    def with_drlim(z: Tensor, after: Tensor) -> Tensor:
        far = ~torch.eye(96, dtype=torch.bool)
        return drlim(z, after, z, far)

    alone = relative_spread(None)
    assert alone < 0.1
    assert relative_spread(with_drlim) > 5 * alone
    assert relative_spread(lambda z, _: variance_covariance(z, 1.0)[0]) > 10 * alone


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: classification(torch.zeros(4, 3), torch.zeros(5, dtype=torch.long)), r"\(5,\)"),
        (lambda: classification(torch.zeros(4, 3), torch.zeros(4)), "float32"),
        (lambda: lsm(torch.zeros(4, 3, 20), torch.zeros(4, 2, dtype=torch.long)), r"\(4, 2\)"),
        (
            lambda: equivariance_continuous(torch.zeros(4, 3), torch.zeros(4, 2)),
            r"z_after \(4, 2\)",
        ),
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
        (lambda: MotionBins.fitted_to(np.zeros((5, 3)), np.ones(6)), r"\(5, 3\)"),
        (lambda: MotionBins.fitted_to(np.zeros((5, 6)), np.zeros(6)), "nothing moves"),
    ],
)
def test_wrong_shapes_are_named(call: Callable[[], object], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        call()


def test_squared_error_by_hand() -> None:
    predicted = torch.tensor([[1.0, 2.0], [0.0, 0.0]])
    after = torch.tensor([[1.0, 0.0], [3.0, 0.0]])
    assert float(squared_error(predicted, after)) == pytest.approx((0 + 4 + 9 + 0) / 4)
    with pytest.raises(ValueError, match="shape"):
        squared_error(predicted, after[:1])
