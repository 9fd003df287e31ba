"""The part of the default's embedding that is slow on purpose: what place this is, whichever way one looks."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from slowfeat_trainer.models.convnet import initialise

# The picture is halved in both directions.
QUARTERS = 2
# Added to variances: rounding decides nothing where a layer is flat.
TINY = 1e-4


class SlowHead(nn.Module):
    """Statistics of several layers, pooled over the quarters of the picture, to one code of fixed length.

    Means and deviations say how much of what there is and leave open where: little of it changes when the camera turns
    a little. The code is learned from the features and does not shape them: no gradient passes to the layers, so that
    what is slow never costs what moves.
    """

    # Norm of every code, so that its share of the embedding's norm is known.
    norm: Tensor

    def __init__(self, channels: Sequence[int], dimension: int) -> None:
        """
        Args:
            channels: of each layer.
            dimension: length of the code.
        """
        super().__init__()
        self.register_buffer("norm", torch.ones(()))
        self.head = nn.Linear(2 * QUARTERS**2 * sum(channels), dimension)
        initialise(self)

    def forward(self, layers: Sequence[Tensor]) -> Tensor:
        """(N, channels, rows, columns) of each layer -> (N, dimension) of norm `norm`."""
        known = torch.cat([statistic for layer in layers for statistic in statistics(layer)], dim=1)
        code: Tensor = self.norm * functional.normalize(self.head(known), dim=1)
        return code


def statistics(layer: Tensor) -> tuple[Tensor, Tensor]:
    """Means and standard deviations (N, channels * 4) of a layer (N, channels, rows, columns) in each quarter.

    Each of the two comes with mean 0 and deviation 1 over its numbers, whatever the contrast of the picture.
    """
    layer = layer.detach()
    mean, square = (
        functional.adaptive_avg_pool2d(x, QUARTERS).flatten(1) for x in (layer, layer.square())
    )
    deviation = ((square - mean.square()).clamp(min=0) + TINY).sqrt()
    size = mean.shape[1:]
    return functional.layer_norm(mean, size), functional.layer_norm(deviation, size)


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
