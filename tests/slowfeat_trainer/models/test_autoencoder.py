"""Pools, unit columns, the greedy second layer, and how eq. 2 is gamed where columns are free."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from slowfeat_trainer.models.autoencoder import PoolingAutoencoder
from slowfeat_trainer.models.goroshin_conv import GoroshinFirst, GoroshinSecond
from slowfeat_trainer.models.goroshin_fc import GoroshinFc
from slowfeat_trainer.models.pooling import L2Pool
from slowfeat_trainer.objectives import slow_autoencoder
from tests.helpers.first_layers import NORMALISE, SIZE


def column_norms(model: PoolingAutoencoder) -> Tensor:
    return model.decoder.weight.detach().transpose(0, 1).flatten(1).norm(dim=1)


def test_columns_of_every_decoder_are_scaled_to_unit_norm(first: GoroshinFirst) -> None:
    for model in (GoroshinFc(NORMALISE, SIZE), first, GoroshinSecond(first)):
        torch.testing.assert_close(column_norms(model), torch.ones(len(column_norms(model))))
        with torch.no_grad():
            model.decoder.weight *= torch.rand_like(model.decoder.weight)
        direction = nn.functional.normalize(model.decoder.weight[:, 0].detach().flatten(), dim=0)
        model.normalise_columns()
        torch.testing.assert_close(column_norms(model), torch.ones(len(column_norms(model))))
        torch.testing.assert_close(model.decoder.weight[:, 0].detach().flatten(), direction)


def trained(unit_norm: bool) -> tuple[float, float, float]:
    """Eq. 2 on sines that drift: |h|_1, the largest column norm, and the share of x left over."""
    torch.manual_seed(0)
    model = PoolingAutoencoder(
        nn.Identity(), nn.Linear(16, 32), nn.Linear(32, 16, bias=False), L2Pool(32, 4)
    )
    optimiser = torch.optim.Adam(model.parameters(), lr=0.02)
    place = torch.linspace(0, 2 * np.pi, 17)[:-1]

    def frames(phase: Tensor, wave: Tensor) -> Tensor:
        return torch.sin(wave * place + phase)

    for _ in range(500):
        phase, wave = 6.28 * torch.rand(64, 1), torch.randint(1, 4, (64, 1))
        x = torch.cat([frames(phase, wave), frames(phase + 0.3, wave)])
        code = model.code(x)
        loss = slow_autoencoder(*(t.unflatten(0, (2, 64)) for t in code), alpha=0.5, beta=1.0)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        if unit_norm:
            model.normalise_columns()
    with torch.no_grad():
        activity = float(code.h.sum(dim=1).mean())
        left = float((code.reconstruction - code.x).pow(2).sum() / code.x.pow(2).sum())
    return activity, float(column_norms(model).max()), left


def test_free_columns_game_the_penalties_by_a_small_h_and_unit_columns_do_not() -> None:
    h_free, norm_free, left_free = trained(unit_norm=False)
    h_unit, norm_unit, left_unit = trained(unit_norm=True)
    assert max(left_free, left_unit) < 0.3  # both tell what was seen
    assert norm_unit == pytest.approx(1, abs=1e-5)
    assert norm_free > 3
    assert h_free < h_unit / 3
