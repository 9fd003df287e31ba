"""The methods: which network, which objective, which transform belong together."""

from __future__ import annotations

import torch

from slowfeat.errors import UsageError
from slowfeat_trainer.config.train_config import TrainConfig
from slowfeat_trainer.methods.dictionary import DictionaryMethod
from slowfeat_trainer.methods.joint import JointMethod
from slowfeat_trainer.methods.method import Method
from slowfeat_trainer.methods.pooled import PooledMethod
from slowfeat_trainer.methods.sfa_method import SfaMethod
from slowfeat_trainer.methods.training_set import TrainingSet
from slowfeat_trainer.methods.warp.method import WarpMethod

__all__ = ["Method", "build_method"]

METHODS: dict[str, type[Method]] = {
    "dictionary": DictionaryMethod,
    "pooled": PooledMethod,
    "sfa": SfaMethod,
    "warp": WarpMethod,
}


def build_method(data: TrainingSet, config: TrainConfig) -> Method:
    """The method of a configuration with freshly initialised weights, a function of the seed.

    Raises:
        UsageError: a closed form cannot learn from labels, or they are missing.
    """
    torch.manual_seed(config.seed)
    method = METHODS[config.method](data, config)
    # A preset that names the term itself, as clsnet does, weighs it itself.
    if not config.labels or config.terms.get("classification"):
        return method
    if config.method == "sfa":
        raise UsageError("sfa is fitted in closed form and learns no labels: leave --labels out")
    return JointMethod(method, data)
