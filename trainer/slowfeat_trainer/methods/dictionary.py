"""The auto-encoders of Goroshin et al. 2015: rectified dictionaries, pooled, layer by layer."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from slowfeat_trainer.config.method_settings import DictionarySettings
from slowfeat_trainer.config.train_config import TrainConfig
from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.data.pairs import Index
from slowfeat_trainer.methods.method import Method
from slowfeat_trainer.methods.training_set import Batch, TrainingSet
from slowfeat_trainer.models.autoencoder import PoolingAutoencoder
from slowfeat_trainer.models.convnet import Normalise
from slowfeat_trainer.models.goroshin_conv import GoroshinFirst, GoroshinSecond, whitened_input
from slowfeat_trainer.models.registry import ENCODERS, build_encoder
from slowfeat_trainer.objectives import group_sparse, slow_autoencoder, sparse


class DictionaryMethod(Method):
    """`goroshin_1`, `goroshin_2`, `group_1`, `group_2`, `sparse_1`.

    Two layers are trained greedily: the first half of the steps trains layer 1, the second half
    layer 2 on what layer 1 then gives. Under torchrun every process does all of it: the gain would
    be small.
    """

    has_dictionary = True

    def __init__(self, data: TrainingSet, config: TrainConfig) -> None:
        super().__init__()
        frames = data.part.frames
        size = config.reading.image_size
        self.first = GoroshinFirst(whitened_input(Normalise.fitted_to(frames), size, frames))
        self.encoder: nn.Module = self.first
        if config.of(DictionarySettings).layers == 2:
            self.encoder = GoroshinSecond(self.first)
        with torch.no_grad():
            one = self.encoder(torch.zeros(1, *size, 3, dtype=torch.uint8))
        self._dimension = int(one.numel())

    @classmethod
    def network_of(cls, config: TrainConfig) -> dict[str, Any]:
        """The encoder by its layers."""
        name = f"goroshin_{config.of(DictionarySettings).layers}"
        return {"encoder": name, "--dimension": ENCODERS[name].dimension}

    @classmethod
    def untrained_twin(
        cls, frames: FrameStack, image_size: tuple[int, int], dimension: int, stored: dict[str, Any]
    ) -> nn.Module:
        """The same layers with random dictionaries."""
        layers = stored.get("layers", DictionarySettings.layers)
        return build_encoder(f"goroshin_{layers}", frames, image_size, dimension)

    @property
    def dimension(self) -> int:
        """D, all pools of the last layer."""
        return self._dimension

    def frames_of(self, batch: Batch) -> Index:
        """Neighbours in time."""
        return np.concatenate([batch.near, batch.next])

    def layer_at(self, step: int, config: TrainConfig) -> PoolingAutoencoder:
        """The layer that a step trains."""
        layer = self.encoder if step >= config.steps // 2 else self.first
        assert isinstance(layer, PoolingAutoencoder)  # noqa: S101 - for the type checker
        return layer

    def losses(
        self, frames: Tensor, batch: Batch, data: TrainingSet, config: TrainConfig
    ) -> dict[str, Tensor]:
        """G eq. 2 or 3 of the neighbours, per pixel of the input."""
        del data
        layer = self.layer_at(batch.step, config)
        self.first.requires_grad_(layer is self.first)
        code = layer.code(frames)
        scale = 1 / math.prod(code.x.shape[1:])
        own = config.of(DictionarySettings)
        if own.penalty == "group":
            loss = group_sparse(code.x, code.reconstruction, code.h, code.z, own.sparsity)
        elif own.penalty == "sparse":
            loss = sparse(code.x, code.reconstruction, code.h, own.sparsity)
        else:
            x, reconstruction, h, z = (t.reshape(2, -1, *t.shape[1:]) for t in code)
            loss = slow_autoencoder(x, reconstruction, h, z, own.sparsity, own.slowness)
        return {own.penalty: scale * loss}

    @torch.no_grad()
    def after_step(self) -> None:
        """Columns of the decoders back to unit norm."""
        for module in self.modules():
            if isinstance(module, PoolingAutoencoder):
                module.normalise_columns()

    def transforms(self, data: TrainingSet) -> dict[str, nn.Module]:
        """None: a dictionary knows no motion; a map is fitted at export."""
        del data
        return {}
