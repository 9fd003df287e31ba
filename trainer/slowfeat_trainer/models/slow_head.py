"""The part of the default's embedding that is slow on purpose: what place
this is, whichever way one looks.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from slowfeat_trainer.models.convnet import initialise

# The image is halved in both directions for the statistics of layers, and halved again for its
# own colours.
QUARTERS, PATCHES = 2, 4
# Added to variances: rounding decides nothing where a layer is flat.
TINY = 1e-4


class SlowHead(nn.Module):
    """Colours of a coarse image and statistics of several layers, pooled over its quarters, to
    one code.

    Means and deviations say how much of what there is and leave open where: little of it changes
    when the camera turns a little. The code is learned from the features and does not shape them:
    no gradient passes to the layers, so that what is slow never costs what moves.
    """

    # Norm of every code, so that its share of the embedding's norm is known.
    norm: Tensor

    def __init__(self, channels: Sequence[int], dimension: int) -> None:
        """
        Args:
            channels: of the image, and of each layer.
            dimension: length of the code.
        """
        super().__init__()
        self.register_buffer("norm", torch.ones(()))
        colours, *layers = channels
        self.head = nn.Linear(colours * PATCHES**2 + 2 * sum(layers) * QUARTERS**2, dimension)
        initialise(self)

    def forward(self, picture: Tensor, layers: Sequence[Tensor]) -> Tensor:
        """Normalised image and layers, each (N, channels, rows, columns) ->
        (N, dimension) of norm `norm`.
        """
        known = [alike(functional.adaptive_avg_pool2d(picture.detach(), PATCHES).flatten(1))]
        known += [statistic for layer in layers for statistic in statistics(layer)]
        code: Tensor = self.norm * functional.normalize(self.head(torch.cat(known, dim=1)), dim=1)
        return code


def alike(values: Tensor) -> Tensor:
    """Values (N, K) with mean 0 and deviation 1 in each row, whatever the contrast of the image."""
    return functional.layer_norm(values, values.shape[1:])


def statistics(layer: Tensor) -> tuple[Tensor, Tensor]:
    """Means and standard deviations (N, channels * 4) of a layer (N, channels, rows, columns) in
    each quarter, `alike`.
    """
    layer = layer.detach()
    mean, square = (
        functional.adaptive_avg_pool2d(x, QUARTERS).flatten(1) for x in (layer, layer.square())
    )
    deviation = ((square - mean.square()).clamp(min=0) + TINY).sqrt()
    return alike(mean), alike(deviation)


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
