"""Pools, unit columns, the greedy second layer, and how eq. 2 is gamed where columns are free."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.models.autoencoder import PoolingAutoencoder
from slowfeat_trainer.models.convnet import Normalise
from slowfeat_trainer.models.goroshin_conv import GoroshinFirst, GoroshinSecond
from slowfeat_trainer.models.goroshin_fc import GoroshinFc
from slowfeat_trainer.models.input_stage import InputStage
from slowfeat_trainer.models.pooling import L2Pool, pool_members
from slowfeat_trainer.objectives import slow_autoencoder

SIZE = (32, 32)
FRAMES = FrameStack([np.random.default_rng(8).integers(0, 256, (6, *SIZE, 3), dtype=np.uint8)])
NORMALISE = Normalise.fitted_to(FRAMES)


@pytest.fixture
def first() -> GoroshinFirst:
    torch.manual_seed(0)
    return GoroshinFirst(InputStage(NORMALISE, SIZE, SIZE))


def column_norms(model: PoolingAutoencoder) -> Tensor:
    return model.decoder.weight.detach().transpose(0, 1).flatten(1).norm(dim=1)


@pytest.mark.parametrize("stride", [4, 2, 1])
def test_pools_of_units_are_their_norms_and_may_overlap(stride: int) -> None:
    h = torch.rand(3, 12)
    got = L2Pool(12, 4, stride)(h)
    expected = torch.stack([h[:, i : i + 4].norm(dim=1) for i in range(0, 9, stride)], dim=1)
    torch.testing.assert_close(got, expected)


@pytest.mark.parametrize(("stride", "space_stride", "shape"), [(4, 2, (2, 3)), (2, 1, (3, 5))])
def test_pools_of_maps_are_norms_over_maps_and_squares(
    stride: int, space_stride: int, shape: tuple[int, int]
) -> None:
    h = torch.rand(2, 8, 6, 6)
    got = L2Pool(8, 4, stride, 2, space_stride)(h)
    pools, side = shape
    assert got.shape == (2, pools, side, side)
    for k in range(pools):
        for i in range(side):
            part = h[:, k * stride : k * stride + 4, i * space_stride :][:, :, :2, :2]
            torch.testing.assert_close(got[:, k, i, 0], part.flatten(1).norm(dim=1))


def test_a_silent_pool_has_no_gradient_instead_of_none_that_is_finite() -> None:
    h = torch.zeros(1, 8, requires_grad=True)
    L2Pool(8, 4)(h).sum().backward()
    assert h.grad is not None
    assert not h.grad.any()


def test_pools_that_leave_units_out_are_refused() -> None:
    with pytest.raises(ValueError, match="pools of 4 units every 4 do not cover 10 units"):
        pool_members(10, 4, 4)


def test_the_papers_shapes(first: GoroshinFirst) -> None:
    frames = torch.from_numpy(FRAMES[:2])
    fc = GoroshinFc(NORMALISE, SIZE).code(frames)
    assert [t.shape[1:] for t in fc] == [(400,), (400,), (512,), (128,)]
    assert GoroshinFc(NORMALISE, SIZE, stride=2).code(frames).h.shape[1] == 258
    one = first.code(frames)
    assert [t.shape[1:] for t in one] == [(3, 32, 32), (3, 32, 32), (64, 32, 32), (16, 16, 16)]
    two = GoroshinSecond(first).code(frames)
    assert [t.shape[1:] for t in two] == [(16, 16, 16), (16, 16, 16), (64, 16, 16), (64, 4, 4)]
    assert float(fc.h.detach().min()) >= 0


def test_columns_of_every_decoder_are_scaled_to_unit_norm(first: GoroshinFirst) -> None:
    for model in (GoroshinFc(NORMALISE, SIZE), first, GoroshinSecond(first)):
        torch.testing.assert_close(column_norms(model), torch.ones(len(column_norms(model))))
        with torch.no_grad():
            model.decoder.weight *= torch.rand_like(model.decoder.weight)
        direction = nn.functional.normalize(model.decoder.weight[:, 0].detach().flatten(), dim=0)
        model.normalise_columns()
        torch.testing.assert_close(column_norms(model), torch.ones(len(column_norms(model))))
        torch.testing.assert_close(model.decoder.weight[:, 0].detach().flatten(), direction)


@pytest.mark.parametrize("greedy", [True, False])
def test_the_first_layer_learns_only_where_training_is_joint(
    first: GoroshinFirst, greedy: bool
) -> None:
    second = GoroshinSecond(first, greedy)
    code = second.code(torch.from_numpy(FRAMES[:2]))
    (code.z.sum() + (code.reconstruction - code.x).pow(2).sum()).backward()
    assert second.encoder.weight.grad is not None
    assert (first.encoder.weight.grad is None) is greedy


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
