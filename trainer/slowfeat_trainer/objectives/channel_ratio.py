"""The ratio objective of each channel of a feature map, instead of their sum.

The ratio of the sum over channels is blind to scale, so the channel that is easiest to predict is
blown up until it is all that counts: one of eight held 99.5 % of the energy. Here every channel has
to be predicted better than the copy baseline, each by itself, and none gains by growing.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from slowfeat_trainer.objectives.ratio import FLOOR


def channel_ratio(before: Tensor, predicted: Tensor, after: Tensor) -> Tensor:
    """Mean over channels of `ratio`; 0 for the copy baseline.

    Args:
        before: (batch, channels, rows, columns) feature maps before the motion.
        predicted: the same shape, what they are predicted to become.
        after: the same shape, feature maps after it.

    Returns:
        A scalar.
    """
    shapes = {tuple(maps.shape) for maps in (before, predicted, after)}
    if len(shapes) != 1 or before.ndim != 4:
        raise ValueError(
            f"maps must share one shape (batch, channels, rows, columns); got {sorted(shapes)}"
        )
    error = (predicted - after).pow(2).sum(dim=(2, 3))
    change = (before - after).pow(2).sum(dim=(2, 3))
    floor = FLOOR * change.mean(dim=0).detach() + 1e-12
    return ((error + floor).log() - (change + floor).log()).mean()


def multiscale_channel_ratio(
    before: Tensor,
    predicted: Tensor,
    after: Tensor,
    scales: Sequence[tuple[int, int]],
    share: float = 0.5,
) -> Tensor:
    """`channel_ratio` of the maps as they are, and of the same maps pooled.

    A coarse map asks less of the motion: where a turn is known to some degrees only, it is still
    predicted.

    Args:
        before: (batch, channels, rows, columns) feature maps before the motion.
        predicted: the same shape, what they are predicted to become.
        after: the same shape, feature maps after it.
        scales: rows and columns that are pooled to one, for each coarser level; none leaves the
            fine one.
        share: of the objective that the coarser levels have, in [0, 1].

    Returns:
        A scalar.
    """
    fine = channel_ratio(before, predicted, after)
    if not scales or not share:
        return fine
    pooled = [
        channel_ratio(*(functional.avg_pool2d(maps, scale) for maps in (before, predicted, after)))
        for scale in scales
    ]
    return (1 - share) * fine + share * torch.stack(pooled).mean()
