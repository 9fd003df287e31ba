"""What every method offers to the loop and to the export."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import torch
from torch import Tensor, nn

from slowfeat_trainer.config import TrainConfig
from slowfeat_trainer.pairs import Index
from slowfeat_trainer.training_set import Batch, TrainingSet


class Method(nn.Module):
    """An encoder, what is learned beside it, and the objective of both."""

    encoder: nn.Module

    @property
    @abstractmethod
    def dimension(self) -> int:
        """D, length of the embedding."""

    def prepare(self, data: TrainingSet, config: TrainConfig) -> None:
        """Whatever is to be done once, before the first step."""
        del data, config

    @abstractmethod
    def losses(self, data: TrainingSet, batch: Batch, config: TrainConfig) -> dict[str, Tensor]:
        """The weighted terms of the objective on one batch, by name; their sum is minimised."""

    @abstractmethod
    def transforms(self, data: TrainingSet) -> dict[str, nn.Module]:
        """The learned maps (N, D), (N, 6) -> (N, D), by the name of their form; none if none was learned."""

    def parameter_groups(self, config: TrainConfig) -> list[dict[str, Any]]:
        """What the optimiser gets; each group names its peak learning rate `lr`."""
        return [{"params": list(self.parameters()), "lr": config.learning_rate}]

    def embed(self, data: TrainingSet, index: Index) -> Tensor:
        """Embeddings (N, D) of frames of the training part."""
        frames = torch.from_numpy(data.part.frames[index])
        embedding: Tensor = self.encoder(frames.to(next(self.parameters()).device))
        return embedding
