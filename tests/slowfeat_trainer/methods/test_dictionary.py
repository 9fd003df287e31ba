"""Auto-encoders layer by layer: which layer a step trains, what the
penalties cost, columns of unit norm.
"""

from __future__ import annotations

import pytest
import torch

from slowfeat_trainer.methods.dictionary import DictionaryMethod
from slowfeat_trainer.methods.training_set import TrainingSet, draw_batch
from tests.helpers.made_up_drive import made_up_set, small_config


@pytest.fixture(scope="module")
def data() -> TrainingSet:
    return made_up_set()


def test_the_first_half_of_the_steps_trains_layer_1_and_the_second_layer_2(
    data: TrainingSet,
) -> None:
    config = small_config("goroshin_2", steps=10)
    method = DictionaryMethod(data, config)
    assert [method.layer_at(step, config) is method.first for step in (0, 4, 5, 9)] == [
        True,
        True,
        False,
        False,
    ]
    assert method.dimension == 1024
    for step, layer in ((0, method.first), (9, method.encoder)):
        batch = draw_batch(data, config, step)
        frames = torch.from_numpy(data.part.frames[method.frames_of(batch)])
        method.zero_grad()
        sum(method.losses(frames, batch, data, config).values()).backward()  # type: ignore[union-attr]
        learned = {n for n, p in method.named_parameters() if p.grad is not None and p.grad.any()}
        own = {id(p) for p in (layer.encoder.weight, layer.decoder.weight)}  # type: ignore[union-attr]
        assert {id(dict(method.named_parameters())[n]) for n in learned} >= own
        assert (method.first.encoder.weight.grad is not None) is (step == 0)


@pytest.mark.parametrize("preset", ["goroshin_1", "group_1", "sparse_1"])
def test_the_cost_is_that_of_a_pixel_and_grows_with_sparsity(
    data: TrainingSet, preset: str
) -> None:
    costs = []
    for sparsity in (0.0, 1.0, 2.0):
        config = small_config(preset, sparsity=sparsity)
        torch.manual_seed(0)
        method, batch = DictionaryMethod(data, config), draw_batch(data, config, 0)
        frames = torch.from_numpy(data.part.frames[method.frames_of(batch)])
        (loss,) = method.losses(frames, batch, data, config).values()
        costs.append(float(loss.detach()))
    assert costs[2] - costs[1] == pytest.approx(costs[1] - costs[0], rel=1e-3)
    assert costs[1] > costs[0]


def test_columns_are_of_unit_norm_after_each_step(data: TrainingSet) -> None:
    method = DictionaryMethod(data, small_config("goroshin_2"))
    with torch.no_grad():
        for parameter in method.parameters():
            parameter *= 3
    method.after_step()
    for layer in (method.first, method.encoder):
        columns = layer.decoder.weight.detach().transpose(0, 1).flatten(1)  # type: ignore[union-attr]
        torch.testing.assert_close(columns.norm(dim=1), torch.ones(len(columns)))
