"""What a method is where it says nothing else: all parameters learn alike,
and every frame is looked at.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from slowfeat_trainer.config.train_config import TrainConfig
from slowfeat_trainer.data.pairs import Index
from slowfeat_trainer.methods import METHODS, build_method
from slowfeat_trainer.methods.method import Method
from slowfeat_trainer.methods.training_set import Batch, TrainingSet, draw_batch
from tests.helpers.made_up_drive import made_up_set, small_config


class Plain(Method):
    """The least that a method may be."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Flatten(), nn.Linear(12, 3))

    @property
    def dimension(self) -> int:
        return 3

    def frames_of(self, batch: Batch) -> Index:
        return batch.before

    def losses(
        self, frames: Tensor, batch: Batch, data: TrainingSet, config: TrainConfig
    ) -> dict[str, Tensor]:
        del batch, data, config
        return {"size": self.embed(frames).pow(2).mean()}

    def transforms(self, data: TrainingSet) -> dict[str, nn.Module]:
        del data
        return {}


@pytest.fixture(scope="module")
def data() -> TrainingSet:
    return made_up_set()


def test_all_its_parameters_learn_at_one_rate(data: TrainingSet) -> None:
    (group,) = Plain().parameter_groups(small_config(learning_rate=0.25))
    assert group["lr"] == 0.25
    assert sum(p.numel() for p in group["params"]) == 12 * 3 + 3


def test_it_looks_at_all_frames_of_a_batch_and_embeds_them(data: TrainingSet) -> None:
    method, batch = Plain(), draw_batch(data, small_config(), 0)
    np.testing.assert_array_equal(method.local_rows(batch), np.arange(8))
    frames = torch.rand(8, 12)
    torch.testing.assert_close(method.embed(frames), method.encoder(frames))
    assert method.slices == {}


@pytest.mark.parametrize(
    ("preset", "kind"),
    [("slowfeat", "warp"), ("drlim", "pooled"), ("sfa", "sfa"), ("goroshin_1", "dictionary")],
)
def test_a_preset_builds_the_method_of_its_kind_by_its_seed(
    data: TrainingSet, preset: str, kind: str
) -> None:
    steps = 0 if preset == "sfa" else 4
    settings = [small_config(preset, steps=steps, seed=seed) for seed in (0, 0, 1)]
    made = [build_method(data, config) for config in settings]
    assert type(made[0]) is METHODS[kind].kind
    states = [torch.cat([t.flatten().double() for t in m.state_dict().values()]) for m in made]
    assert torch.equal(states[0], states[1])
    # What is fitted in closed form draws nothing.
    assert torch.equal(states[0], states[2]) is (preset == "sfa")
