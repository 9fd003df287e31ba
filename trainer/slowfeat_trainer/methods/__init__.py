"""The methods: which network, which objective, which transform belong together."""

from __future__ import annotations

from dataclasses import dataclass

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

__all__ = ["METHODS", "Method", "MethodRow", "build_method", "method_of"]


@dataclass(frozen=True)
class MethodRow:
    """One method of the registry; what it is set by is in config.method_settings.SETTINGS."""

    # What it is, for documentation.
    about: str
    kind: type[Method]


METHODS: dict[str, MethodRow] = {
    "dictionary": MethodRow("a pooled auto-encoder, layer by layer (G)", DictionaryMethod),
    "pooled": MethodRow("an encoder to a vector, and a sum of terms", PooledMethod),
    "sfa": MethodRow("slow feature analysis in closed form", SfaMethod),
    "warp": MethodRow("a feature map that is moved by the motion (ours)", WarpMethod),
}


def method_of(config: TrainConfig) -> type[Method]:
    """The class of a configuration's method."""
    return METHODS[config.method].kind


def build_method(data: TrainingSet, config: TrainConfig) -> Method:
    """The method of a configuration with freshly initialised weights, a function of the seed.

    Raises:
        UsageError: a closed form cannot learn from labels, or they are missing.
    """
    torch.manual_seed(config.seed)
    method = method_of(config)(data, config)
    if not config.labels or method.has_classifier:
        return method
    if not method.takes_labels:
        raise UsageError(
            f"{config.preset} is fitted in closed form and learns no labels: leave --labels out"
        )
    return JointMethod(method, data)
