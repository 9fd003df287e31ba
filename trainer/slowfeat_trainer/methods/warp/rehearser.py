"""What a training rehearses beside its own bags: pairs of the pretraining, seen as the pretraining saw them."""

from __future__ import annotations

import dataclasses
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from slowfeat_trainer.config.train_config import TrainConfig
from slowfeat_trainer.data.recording import Camera
from slowfeat_trainer.device.frame_source import FrameSource
from slowfeat_trainer.methods.rehearsal import SECONDS, Rehearsal
from slowfeat_trainer.methods.training_set import Batch, TrainingSet, draw_batch
from slowfeat_trainer.models.convnet import Normalise


class Rehearser:
    """Draws batches of what is rehearsed. No part of the network: nothing of it is trained or saved."""

    def __init__(self, rehearsal: Rehearsal, pairs: int, config: TrainConfig) -> None:
        """
        Args:
            rehearsal: what there is.
            pairs: a batch.
            config: of the training.
        """
        default = TrainConfig()
        self.config = dataclasses.replace(
            config,
            batch_size=pairs,
            max_gap_s=SECONDS,
            patterns=default.patterns,
            drop_slowest=default.drop_slowest,
            random_camera_rotation=True,
        )
        self._rehearsal = rehearsal
        self.geometry = rehearsal.geometry()
        self._normalise = rehearsal.normalise()
        self._frames: FrameSource | None = None

    @cached_property
    def _data(self) -> TrainingSet:
        """Unpacked when the first batch is drawn: without a step there is none."""
        # However many pairs a batch has, they are drawn from those that there are.
        few = dataclasses.replace(self.config, batch_size=2)
        return TrainingSet.prepare(self._rehearsal.part(), Camera(), few)

    def draw(self, step: int, device: torch.device) -> tuple[Tensor, Batch]:
        """Frames (2 P, H, W, 3) of a step on a device, before and then after, and the batch that they are of."""
        if self._frames is None:
            self._frames = FrameSource(self._data.part.frames, device)
            self.geometry.to(device)
            self._normalise.to(device)
        batch = draw_batch(self._data, self.config, step)
        return self._frames.get(np.concatenate([batch.before, batch.after])), batch

    def coloured_for(self, pictures: Tensor, theirs: Normalise) -> Tensor:
        """Pictures (N, H, W, 3) such that another normalisation makes of them what their own would."""
        mine = self._normalise
        gain = (theirs.std / mine.std).flatten()
        return (pictures - mine.mean.flatten()) * gain + theirs.mean.flatten()
