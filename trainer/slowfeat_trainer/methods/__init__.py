"""The methods: which network, which objective, which transform belong together."""

from __future__ import annotations

import torch

from slowfeat_trainer.config import TrainConfig
from slowfeat_trainer.methods.base import Method
from slowfeat_trainer.methods.dictionary import DictionaryMethod
from slowfeat_trainer.methods.pooled import PooledMethod
from slowfeat_trainer.methods.sfa import SfaMethod
from slowfeat_trainer.methods.warp import WarpMethod
from slowfeat_trainer.training_set import TrainingSet

__all__ = ["Method", "build_method"]

METHODS: dict[str, type[Method]] = {
    "dictionary": DictionaryMethod,
    "pooled": PooledMethod,
    "sfa": SfaMethod,
    "warp": WarpMethod,
}


def build_method(data: TrainingSet, config: TrainConfig) -> Method:
    """The method of a configuration with freshly initialised weights, a function of the seed."""
    torch.manual_seed(config.seed)
    return METHODS[config.method](data, config)
