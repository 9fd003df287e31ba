"""What every term of an objective offers."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping

from torch import Tensor, nn

from slowfeat_trainer.config.train_config import TrainConfig
from slowfeat_trainer.data.pairs import Index
from slowfeat_trainer.methods.training_set import Batch, TrainingSet


class Term(nn.Module):
    """One term: the views of a batch that it compares, and what it learns beside the encoder.

    Args:
        data: what batches are drawn from.
        config: settings.
    """

    def __init__(self, data: TrainingSet, config: TrainConfig) -> None:
        super().__init__()
        del data, config

    @abstractmethod
    def views(self, batch: Batch) -> dict[str, Index]:
        """The frames it needs, by the name of the view; terms that name a view alike share it."""

    @abstractmethod
    def loss(
        self, z: Mapping[str, Tensor], batch: Batch, data: TrainingSet, config: TrainConfig
    ) -> Tensor:
        """The term, unweighted, of the embeddings (n, D) of its views."""

    def transforms(self, data: TrainingSet) -> dict[str, nn.Module]:
        """The maps (N, D), (N, 6) -> (N, D) that it has learned, by the name of their form."""
        del data
        return {}
