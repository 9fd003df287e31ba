"""The part of the default's embedding that is slow on purpose: what place this is, whichever way one looks."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from slowfeat_trainer.models.convnet import initialise


class SlowHead(nn.Module):
    """A map of features, pooled to one code of fixed length: nothing in it knows where in the picture it was."""

    # Norm of every code, so that its share of the embedding's norm is known.
    norm: Tensor

    def __init__(self, channels: int, dimension: int, hidden: int = 96) -> None:
        """
        Args:
            channels: of the features.
            dimension: length of the code.
            hidden: channels between.
        """
        super().__init__()
        self.register_buffer("norm", torch.ones(()))
        self.features = nn.Sequential(
            nn.Conv2d(channels, hidden, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(hidden, hidden, 3, stride=2, padding=1),
            nn.ReLU(),
        )
        self.head = nn.Linear(hidden, dimension)
        initialise(self)

    def forward(self, features: Tensor) -> Tensor:
        """(N, channels, rows, columns) -> (N, dimension) of norm `norm`."""
        pooled = self.features(features).mean(dim=(2, 3))
        code: Tensor = self.norm * functional.normalize(self.head(pooled), dim=1)
        return code


class SlowStep(nn.Module):
    """What a motion does to a slow code: little, and never to its norm."""

    norm: Tensor

    def __init__(self, dimension: int, hidden: int = 64) -> None:
        """
        Args:
            dimension: length of the code.
            hidden: units between.
        """
        super().__init__()
        self.register_buffer("norm", torch.ones(()))
        last = nn.Linear(hidden, dimension)
        self.change = nn.Sequential(nn.Linear(dimension + 6, hidden), nn.ReLU(), last)
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)

    def forward(self, code: Tensor, motion: Tensor) -> Tensor:
        """(N, dimension), and what drives it (N, 6), scaled -> (N, dimension)."""
        unit = code / self.norm
        changed = unit + self.change(torch.cat([unit, motion], dim=1))
        after: Tensor = self.norm * functional.normalize(changed, dim=1)
        return after
