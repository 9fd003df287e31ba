"""Classes as a term of their own (J: clsnet). Beside another preset they are methods.joint."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from slowfeat.errors import UsageError
from slowfeat_trainer.config.train_config import TrainConfig
from slowfeat_trainer.data.pairs import Index
from slowfeat_trainer.methods.terms.term import Term
from slowfeat_trainer.methods.training_set import Batch, TrainingSet
from slowfeat_trainer.models.heads import ClassHead
from slowfeat_trainer.objectives import classification


class ClassificationTerm(Term):
    """`clsnet`: a linear classifier on the embedding."""

    def __init__(self, data: TrainingSet, config: TrainConfig) -> None:
        super().__init__(data, config)
        if data.labels is None:
            raise UsageError("this preset learns from labels: give a CSV file with --labels")
        self.head = ClassHead(config.dimension, len(data.labels.names))

    def views(self, batch: Batch) -> dict[str, Index]:
        """Labelled frames."""
        return {"labelled": batch.labelled[0]}

    def loss(
        self, z: Mapping[str, Tensor], batch: Batch, data: TrainingSet, config: TrainConfig
    ) -> Tensor:
        """Cross-entropy of the classes."""
        del data, config
        classes = torch.from_numpy(batch.labelled[1]).to(z["labelled"].device)
        return classification(self.head(z["labelled"]), classes)
