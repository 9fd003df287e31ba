"""Frames from pooled codes by a non-linear decoder, as a method of the trainer
(Goroshin et al. 2015, section 6).
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from slowfeat_trainer.config.train_config import TrainConfig
from slowfeat_trainer.data.pairs import Index
from slowfeat_trainer.methods import Method
from slowfeat_trainer.methods.training_set import Batch, TrainingSet
from slowfeat_trainer.models.autoencoder import PoolingAutoencoder
from slowfeat_trainer.models.convnet import initialise

HIDDEN = 512


class PooledDecoder(Method):
    """A hidden layer with ReLU from the pooled code z back to the pixels of the frame; the layer
    itself stays.

    Both are standardised by the training frames, or the scale of the code would set the speed of
    learning.
    """

    code_mean: Tensor
    code_scale: Tensor
    picture_mean: Tensor

    def __init__(
        self,
        layer: PoolingAutoencoder,
        codes: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
        pictures: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
        seed: int,
    ) -> None:
        """
        Args:
            layer: trained; gives z.
            codes: (N, D) z of the training frames.
            pictures: (N, P) their pixels in [0, 1].
            seed: of the fresh weights.
        """
        super().__init__()
        torch.manual_seed(seed)
        self.encoder: nn.Module = layer.requires_grad_(False)
        last = nn.Linear(HIDDEN, pictures.shape[1])
        self.decoder = nn.Sequential(nn.Linear(codes.shape[1], HIDDEN), nn.ReLU(), last)
        initialise(self.decoder)
        # It begins at the mean image: from anywhere else a few hundred updates would only lead
        # there.
        nn.init.zeros_(last.weight)
        scale = max(float(codes.std(axis=0).mean()), 1e-6)
        self.register_buffer("code_mean", torch.from_numpy(codes.mean(axis=0)))
        self.register_buffer("code_scale", torch.tensor(scale))
        self.register_buffer("picture_mean", torch.from_numpy(pictures.mean(axis=0)))

    @property
    def dimension(self) -> int:
        """D."""
        return int(self.code_mean.numel())

    def decode(self, codes: Tensor) -> Tensor:
        """(N, D) -> (N, P)."""
        found: Tensor = self.decoder((codes - self.code_mean) / self.code_scale)
        return found + self.picture_mean

    def frames_of(self, batch: Batch) -> Index:
        """Any frames."""
        return np.concatenate([batch.near, batch.next])

    def losses(
        self, frames: Tensor, batch: Batch, data: TrainingSet, config: TrainConfig
    ) -> dict[str, Tensor]:
        """Mean squared error of the pixels, which are in [0, 1]."""
        del batch, data, config
        with torch.no_grad():
            x, z = frames.flatten(1).float() / 255, self.encoder(frames)
        return {"error": (self.decode(z) - x).pow(2).mean()}

    def transforms(self, data: TrainingSet) -> dict[str, nn.Module]:
        """None."""
        del data
        return {}
