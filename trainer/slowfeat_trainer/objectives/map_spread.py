"""The guard against collapse for maps: spread over frames and over the image, uncorrelated
channels.

VICReg's terms (Bardes, Ponce & LeCun, ICLR 2022) for a map of features. Spread over frames alone
would let a map hide a global code, the same at every position, which a warp leaves as it is; so
every row of a map must vary along itself too.
"""

from __future__ import annotations

from torch import Tensor

EPSILON = 1e-4


def map_spread(maps: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Three terms, each 0 for a code that is spread out.

    Args:
        maps: (batch, channels, rows, columns).

    Returns:
        Mean hinge of 1 - std over the batch; sum of squared off-diagonal covariances between
        channels, divided by their number; mean hinge of 1 - std along the rows.
    """
    if maps.ndim != 4 or len(maps) < 2:
        raise ValueError(
            "maps must be (batch, channels, rows, columns) with a batch of 2 at least; got "
            f"{tuple(maps.shape)}"
        )
    centred = maps - maps.mean(dim=0)
    std = (centred.pow(2).sum(dim=0) / (len(maps) - 1) + EPSILON).sqrt()
    flat = centred.transpose(0, 1).flatten(1)
    covariance = flat @ flat.T / flat.shape[1]
    off_diagonal = covariance.pow(2).sum() - covariance.diagonal().pow(2).sum()
    along = centred - centred.mean(dim=3, keepdim=True)
    row_std = (along.pow(2).mean(dim=(0, 3)) + EPSILON).sqrt()
    return (
        (1 - std).clamp(min=0).mean(),
        off_diagonal / len(flat),
        (1 - row_std).clamp(min=0).mean(),
    )
