"""What every method offers to the loop and to the export."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from torch import Tensor, nn

from slowfeat_trainer.config.method_settings import PooledSettings
from slowfeat_trainer.config.train_config import TrainConfig
from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.data.pairs import Index
from slowfeat_trainer.device.distributed import encode_shared, share
from slowfeat_trainer.device.frame_source import FrameSource
from slowfeat_trainer.methods.training_set import Batch, TrainingSet
from slowfeat_trainer.models.registry import build_encoder


class Method(nn.Module):
    """An encoder, what is learned beside it, and the objective of both."""

    encoder: nn.Module
    # Names of the modules and functions that torch may compile: where a step spends its time.
    compiled_parts: tuple[str, ...] = ("encoder",)
    # Whether the objective sees nothing of the images but what `embed` makes of them.
    sees_embeddings_only = False
    # Whether bags of several cameras are learned from together, each through its own.
    knows_cameras: ClassVar[bool] = False
    # Whether labels can be learned beside its own objective.
    takes_labels: ClassVar[bool] = True
    # Whether its first layer is a dictionary with pools.
    has_dictionary: ClassVar[bool] = False

    @classmethod
    def network_of(cls, config: TrainConfig) -> dict[str, Any]:
        """The settings that decide whether one encoder's weights fit into another, by the flag to
        change; "encoder" names its kind, which no other method has unless it says so.
        """
        return {"encoder": config.preset}

    @classmethod
    def untrained_twin(
        cls, frames: FrameStack, image_size: tuple[int, int], dimension: int, stored: dict[str, Any]
    ) -> nn.Module:
        """Its network with fresh weights, for the row of a table that a bundle is beside.

        Args:
            frames: (N, H, W, 3) training frames, to which normalisation is fitted.
            image_size: (H, W) of the bundle.
            dimension: D of the bundle.
            stored: the configuration that bundle.json holds, of any version; may be empty.
        """
        name = str(stored.get("encoder", PooledSettings.encoder))
        return build_encoder(name, frames, image_size, dimension)

    @classmethod
    def most_steps(cls, config: TrainConfig, frames: int) -> int | None:
        """How many updates a training part of so many frames is good for; None: as many as are
        asked for.
        """
        del config, frames
        return None

    @property
    def has_classifier(self) -> bool:
        """Whether its own objective learns the labels already."""
        return False

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
