"""What every method offers to the loop and to the export."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor, nn

from slowfeat_trainer.config.train_config import TrainConfig
from slowfeat_trainer.data.pairs import Index
from slowfeat_trainer.device.distributed import encode_shared, share
from slowfeat_trainer.device.frame_source import FrameSource
from slowfeat_trainer.methods.training_set import Batch, TrainingSet


class Method(nn.Module):
    """An encoder, what is learned beside it, and the objective of both."""

    encoder: nn.Module
    # Names of the modules and functions that torch may compile: where a step spends its time.
    compiled_parts: tuple[str, ...] = ("encoder",)
    # Whether the objective sees nothing of the images but what `embed` makes of them.
    sees_embeddings_only = False

    @property
    @abstractmethod
    def dimension(self) -> int:
        """D, length of the embedding."""

    def attach(self, data: TrainingSet, config: TrainConfig, run: Path) -> None:
        """Whatever is kept in the folder of the run beside its checkpoints; before
        the first step of every start.
        """
        del data, config, run

    def prepare(self, data: TrainingSet, frames: FrameSource, config: TrainConfig) -> None:
        """Whatever is to be done once, before the first step."""
        del data, frames, config

    def finish(self, data: TrainingSet, config: TrainConfig) -> None:
        """Whatever is to be done once, after the last step."""
        del data, config

    @property
    def slices(self) -> dict[str, slice]:
        """Parts of the embedding that stand for something of their own, by name;
        none if it is all of one kind.
        """
        return {}

    @property
    def shapes(self) -> dict[str, list[int]]:
        """Channels, rows and columns of those slices that are feature maps."""
        return {}

    def after_step(self) -> None:
        """Whatever must hold after each update (dictionaries of unit norm)."""

    @abstractmethod
    def frames_of(self, batch: Batch) -> Index:
        """The frames (F,) of the training part that a batch needs, in
        the order `losses` gets them.
        """

    def local_rows(self, batch: Batch) -> Index:
        """Which of the frames of `frames_of` this process looks at, in a training of several
        processes.

        All, or those that it embeds, where the objective sees embeddings only.
        """
        count = len(self.frames_of(batch))
        return share(count) if self.sees_embeddings_only else np.arange(count)

    @abstractmethod
    def losses(
        self, frames: Tensor, batch: Batch, data: TrainingSet, config: TrainConfig
    ) -> dict[str, Tensor]:
        """The weighted terms of the objective on one batch, by name; their sum is minimised.

        Args:
            frames: (F, H, W, 3) uint8 on the device, those of `frames_of`; black where not in
                `rows_used`.
            batch: the batch.
            data: what it was drawn from.
            config: settings.
        """

    @abstractmethod
    def transforms(self, data: TrainingSet) -> dict[str, nn.Module]:
        """The learned maps (N, D), (N, 6) -> (N, D), by the name of their
        form; none if none was learned.
        """

    def parameter_groups(self, config: TrainConfig) -> list[dict[str, Any]]:
        """What the optimiser gets; each group names its peak learning rate `lr`."""
        return [{"params": list(self.parameters()), "lr": config.learning_rate}]

    def embed(self, pictures: Tensor) -> Tensor:
        """Embeddings (F, D) of frames (F, H, W, 3), each process embedding its share."""
        return encode_shared(self.encoder, pictures)
