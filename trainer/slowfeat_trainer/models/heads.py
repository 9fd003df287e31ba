"""What is put on embeddings while a network learns, and left at home: classes and motions."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from slowfeat_trainer.models.convnet import initialise


class ClassHead(nn.Module):
    """Embedding -> logits of classes, for `classification`: J's softmax on z."""

    def __init__(self, dimension: int, classes: int) -> None:
        super().__init__()
        self.layer = nn.Linear(dimension, classes)
        initialise(self)

    def forward(self, z: Tensor) -> Tensor:
        """(batch, D) -> (batch, classes)."""
        logits: Tensor = self.layer(z)
        return logits


class MotionHead(nn.Module):
    """Embeddings of two views -> logits of the bins of each component of the motion, for `lsm`.

    Agrawal et al. 2015: the features of both views side by side, one hidden layer.
    """

    def __init__(self, dimension: int, components: int, bins: int = 20, hidden: int = 128) -> None:
        super().__init__()
        self.bins = bins
        self.layers = nn.Sequential(
            nn.Linear(2 * dimension, hidden), nn.ReLU(), nn.Linear(hidden, components * bins)
        )
        initialise(self)

    def forward(self, z_before: Tensor, z_after: Tensor) -> Tensor:
        """(batch, D), (batch, D) -> (batch, components, bins)."""
        logits: Tensor = self.layers(torch.cat([z_before, z_after], dim=1))
        return logits.reshape(-1, logits.shape[1] // self.bins, self.bins)
