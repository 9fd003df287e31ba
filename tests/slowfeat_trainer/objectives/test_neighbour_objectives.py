"""temporal, equivariance with margins of its own, steady, linearising: against plain numpy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from slowfeat_trainer.objectives import equivariance, linearising, steady, temporal

RNG = np.random.default_rng(3)


def tensors(*arrays: np.ndarray) -> list[Tensor]:
    return [torch.tensor(a) for a in arrays]


def gradients_are_those_of_finite_differences(
    loss: Callable[..., Tensor], *arrays: np.ndarray
) -> bool:
    return torch.autograd.gradcheck(
        loss, [torch.tensor(a, dtype=torch.float64, requires_grad=True) for a in arrays]
    )


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


def test_linearising_is_its_reference_in_value_and_gradient() -> None:
    z = RNG.normal(size=(3, 6, 4))
    u, v = z[1] - z[0], z[2] - z[1]
    floor = 1e-3 * ((u**2).sum(1) + (v**2).sum(1)).mean() / 2 + 1e-12
    norms = np.sqrt(((u**2).sum(1) + floor) * ((v**2).sum(1) + floor))
    expected = -np.mean((u * v).sum(1) / norms)
    assert float(linearising(*tensors(*z))) == pytest.approx(expected)
    plain = [
        -np.dot(a, b) / np.linalg.norm(a) / np.linalg.norm(b) for a, b in zip(u, v, strict=True)
    ]
    assert expected == pytest.approx(np.mean(plain), abs=0.02)
    # The floor is no part of the gradient, so it is held where finite differences are taken.
    still = torch.tensor(z, requires_grad=True)
    linearising(*still).backward()
    assert still.grad is not None
    for index in [(0, 0, 0), (1, 2, 3), (2, 5, 1)]:
        nudged = []
        for sign in (1, -1):
            moved = z.copy()
            moved[index] += sign * 1e-6
            u, v = moved[1] - moved[0], moved[2] - moved[1]
            norms = np.sqrt(((u**2).sum(1) + floor) * ((v**2).sum(1) + floor))
            nudged.append(-np.mean((u * v).sum(1) / norms))
        assert float(still.grad[index]) == pytest.approx(
            (nudged[0] - nudged[1]) / 2e-6, rel=1e-4, abs=1e-8
        )


def test_linearising_knows_straight_from_back_and_forth_at_any_scale() -> None:
    start, step = torch.tensor(RNG.normal(size=(2, 20, 3)))
    for scale in (1.0, 1e-3):
        straight = [scale * s for s in (start, start + step, start + 2 * step)]
        assert float(linearising(*straight)) == pytest.approx(-1, abs=0.01)
        assert float(linearising(*straight[::-1])) == pytest.approx(-1, abs=0.01)
        back = [straight[0], straight[1], straight[0]]
        assert float(linearising(*back)) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("same", [2, 3])
def test_gradients_stay_finite_where_frames_meet(same: int) -> None:
    z = [torch.zeros(3, 2, requires_grad=True) for _ in range(same)]
    if same == 2:
        loss = temporal(z[0], z[1], z[1], torch.ones(3, 3, dtype=torch.bool))
    else:
        loss = linearising(*z) + steady(*z, torch.tensor([True, False, True]))
    loss.backward()
    for part in z:
        assert part.grad is not None
        assert torch.isfinite(part.grad).all()


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
        (
            lambda: steady(torch.zeros(4, 3), torch.zeros(4, 3), torch.zeros(3, 3), torch.ones(4)),
            r"z_3 \(3, 3\)",
        ),
        (lambda: steady(*torch.zeros(3, 4, 3), torch.ones(5)), r"\(5,\)"),
        (
            lambda: linearising(torch.zeros(4, 3), torch.zeros(4, 2), torch.zeros(4, 3)),
            r"z_2 \(4, 2\)",
        ),
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
