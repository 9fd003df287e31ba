"""The default method with a part replaced: nothing else has to know of it."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from slowfeat_trainer.config.method_settings import WarpSettings
from slowfeat_trainer.config.train_config import TrainConfig
from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.device.frame_source import FrameSource
from slowfeat_trainer.methods.training_set import TrainingSet, draw_batch
from slowfeat_trainer.methods.warp.map_encoder import small_map_encoder
from slowfeat_trainer.methods.warp.method import WarpMethod
from slowfeat_trainer.methods.warp.parts import WarpParts
from slowfeat_trainer.models.mapnet import MapNet
from tests.helpers.made_up_drive import made_up_set, small_config


@pytest.fixture(scope="module")
def data() -> TrainingSet:
    return made_up_set()


def losses(method: WarpMethod, data: TrainingSet, config: TrainConfig) -> dict[str, Tensor]:
    batch = draw_batch(data, config, 0)
    frames = FrameSource(data.part.frames, torch.device("cpu")).get(method.frames_of(batch))
    return method.losses(frames, batch, data, config)


def test_another_encoder_and_other_terms_take_the_places_of_the_shipped_ones(
    data: TrainingSet,
) -> None:
    class Wider(MapNet):
        """Another backbone behind the same head."""

    def encoder(frames: FrameStack, config: TrainConfig) -> MapNet:
        network = small_map_encoder(frames, config.of(WarpSettings))
        network.__class__ = Wider
        return network

    def squared(
        before: Tensor, moved: Tensor, after: Tensor, window: Tensor, settings: WarpSettings
    ) -> dict[str, Tensor]:
        return {"squared": (moved - after).pow(2).mean()}

    config = small_config("slowfeat", starter="none", slow_dimension=0)
    torch.manual_seed(0)
    method = WarpMethod(data, config, WarpParts(encoder=encoder, map_terms=squared))
    assert isinstance(method.encoder, Wider)
    found = losses(method, data, config)
    assert set(found) == {"squared"}
    found["squared"].backward()  # type: ignore[no-untyped-call]
    assert method.encoder.head.weight.grad is not None


def test_the_shipped_parts_are_those_of_the_method_itself(data: TrainingSet) -> None:
    config = small_config("slowfeat", starter="none")
    found = []
    for parts in ((), (WarpParts(),)):
        torch.manual_seed(0)
        found.append(losses(WarpMethod(data, config, *parts), data, config))
    assert set(found[0]) == {"ratio", "variance", "covariance", "rows", "slow", "slow_step"}
    for name, value in found[0].items():
        assert torch.equal(value, found[1][name])
