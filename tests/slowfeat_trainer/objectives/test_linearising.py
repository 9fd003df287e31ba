"""Straightness of triplets against plain numpy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from slowfeat_trainer.objectives import linearising, steady, temporal

RNG = np.random.default_rng(3)


def tensors(*arrays: np.ndarray) -> list[Tensor]:
    return [torch.tensor(a) for a in arrays]


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
            lambda: linearising(torch.zeros(4, 3), torch.zeros(4, 2), torch.zeros(4, 3)),
            r"z_2 \(4, 2\)",
        ),
    ],
)
def test_wrong_shapes_are_named(call: Callable[[], Tensor], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        call()
