"""Equation 13 of Jayaraman & Grauman against plain numpy; and that it collapses without a guard."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from slowfeat_trainer.objectives import drlim, equivariance_continuous, variance_covariance

RNG = np.random.default_rng(5)


def test_continuous_equivariance_is_its_reference_in_value_and_gradient() -> None:
    moved, after = RNG.normal(size=(2, 5, 3))
    expected = np.mean([np.linalg.norm(a - b) for a, b in zip(moved, after, strict=True)])
    given = [torch.tensor(a, requires_grad=True) for a in (moved, after)]
    assert float(equivariance_continuous(*given).detach()) == pytest.approx(expected)
    assert float(equivariance_continuous(*given[::-1]).detach()) == pytest.approx(expected)
    assert torch.autograd.gradcheck(equivariance_continuous, given)


def relative_spread(guard: Callable[[Tensor, Tensor], Tensor] | None) -> float:
    """Train a linear code and a map told the motion; spread of the
    code after, as a share of before.
    """
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
        (
            lambda: equivariance_continuous(torch.zeros(4, 3), torch.zeros(4, 2)),
            r"z_after \(4, 2\)",
        ),
    ],
)
def test_wrong_shapes_are_named(call: Callable[[], object], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        call()
