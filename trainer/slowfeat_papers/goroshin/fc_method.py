"""The fully connected dictionary as a method of the trainer (Goroshin et al. 2015, section 4.1)."""

from __future__ import annotations

from typing import Any

import torch

from slowfeat_trainer.config.train_config import TrainConfig
from slowfeat_trainer.methods.dictionary import DictionaryMethod
from slowfeat_trainer.methods.method import Method
from slowfeat_trainer.methods.training_set import TrainingSet
from slowfeat_trainer.models.convnet import Normalise
from slowfeat_trainer.models.goroshin_fc import POOL, GoroshinFc

# Units of h, whatever the pools.
UNITS = 512


class FcDictionary(DictionaryMethod):
    """512 units on patches, in pools of four that overlap where the stride
    is below four; eq. 2 as there.
    """

    def __init__(self, data: TrainingSet, config: TrainConfig, stride: int = POOL) -> None:
        """
        Args:
            data: patches (N, 20, 20, 3).
            config: penalty, weights and seed.
            stride: units from one pool to the next.
        """
        Method.__init__(self)
        torch.manual_seed(config.seed)
        frames = data.part.frames
        size = (frames.shape[1], frames.shape[2])
        self._dimension = (UNITS - POOL) // stride + 1
        layer: Any = GoroshinFc(Normalise.fitted_to(frames), size, self._dimension, stride)
        self.first = layer
        self.encoder = layer
