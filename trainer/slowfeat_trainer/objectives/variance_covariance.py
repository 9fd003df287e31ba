"""The guard against collapse of VICReg (Bardes, Ponce & LeCun, ICLR 2022); not in the two papers.

Pulling neighbours together is cheapest where every frame has the same few numbers. The guard keeps
the spread of every dimension up and the dimensions uncorrelated.
"""

from __future__ import annotations

from torch import Tensor

EPSILON = 1e-6


def variance_covariance(z: Tensor, target_std: float) -> tuple[Tensor, Tensor]:
    """The two terms of the guard, both 0 for a code that is spread out and uncorrelated.

    Args:
        z: (batch, D) embeddings of frames that do not belong together.
        target_std: below this standard deviation a dimension costs.

    Returns:
        Mean over dimensions of max(0, 1 - std / target), and the sum of the squared off-diagonal
        covariances in units of target^4, divided by D.
    """
    if z.ndim != 2 or len(z) < 2:
        raise ValueError(
            f"embeddings must be (batch, D) with a batch of 2 at least; got {tuple(z.shape)}"
        )
    centred = (z - z.mean(dim=0)) / target_std
    std = (centred.var(dim=0) + EPSILON).sqrt()
    covariance = centred.T @ centred / (len(z) - 1)
    off_diagonal = covariance.pow(2).sum() - covariance.diagonal().pow(2).sum()
    return (1 - std).clamp(min=0).mean(), off_diagonal / z.shape[1]
