"""Joint training with labels (J, ICCV 2015 eq. 8): L_c + lambda L_reg on one encoder.

The labelled frames go through the very network that the unlabelled objective trains: their stack is
tied to the others.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from slowfeat.errors import UsageError
from slowfeat_trainer.config.train_config import TrainConfig
from slowfeat_trainer.data.pairs import Index
from slowfeat_trainer.device.distributed import share
from slowfeat_trainer.device.frame_source import FrameSource
from slowfeat_trainer.methods.method import Method
from slowfeat_trainer.methods.training_set import Batch, TrainingSet
from slowfeat_trainer.models.heads import ClassHead
from slowfeat_trainer.objectives import classification


class JointMethod(Method):
    """An unlabelled method, and a linear classifier on its embedding.

    Args:
        unlabelled: the method; its terms count lambda, `config.regulariser_weight`.
        data: must have labels.

    Raises:
        UsageError: there are no labels.
    """

    def __init__(self, unlabelled: Method, data: TrainingSet) -> None:
        super().__init__()
        if data.labels is None:
            raise UsageError("joint training learns from labels: give a CSV file with --labels")
        self.unlabelled = unlabelled
        self.encoder = unlabelled.encoder
        self.head = ClassHead(unlabelled.dimension, len(data.labels.names))

    @property
    def dimension(self) -> int:
        """D."""
        return self.unlabelled.dimension

    def attach(self, data: TrainingSet, config: TrainConfig, run: Path) -> None:
        """What the unlabelled method needs."""
        self.unlabelled.attach(data, config, run)

    def prepare(self, data: TrainingSet, frames: FrameSource, config: TrainConfig) -> None:
        """What the unlabelled method needs."""
        self.unlabelled.prepare(data, frames, config)

    def after_step(self) -> None:
        """What the unlabelled method needs."""
        self.unlabelled.after_step()

    def frames_of(self, batch: Batch) -> Index:
        """Those of the unlabelled method, then labelled ones."""
        return np.concatenate([self.unlabelled.frames_of(batch), batch.labelled[0]])

    def local_rows(self, batch: Batch) -> Index:
        """Of each of the two its share."""
        others, labelled = len(self.unlabelled.frames_of(batch)), len(batch.labelled[0])
        return np.concatenate([self.unlabelled.local_rows(batch), others + share(labelled)])

    def losses(
        self, frames: Tensor, batch: Batch, data: TrainingSet, config: TrainConfig
    ) -> dict[str, Tensor]:
        """The unlabelled terms times lambda, and the cross-entropy of the classes."""
        index, labels = batch.labelled
        others, labelled = frames[: -len(index)], frames[-len(index) :]
        terms = self.unlabelled.losses(others, batch, data, config)
        logits: Tensor = self.head(self.embed(labelled))
        classes = torch.from_numpy(labels).to(logits.device)
        return {
            **{name: config.regulariser_weight * term for name, term in terms.items()},
            "classification": classification(logits, classes),
        }

    def transforms(self, data: TrainingSet) -> dict[str, nn.Module]:
        """Those of the unlabelled method."""
        return self.unlabelled.transforms(data)

    def parameter_groups(self, config: TrainConfig) -> list[dict[str, Any]]:
        """Those of the unlabelled method, and the classifier."""
        head = {"params": list(self.head.parameters()), "lr": config.learning_rate}
        return [*self.unlabelled.parameter_groups(config), head]
