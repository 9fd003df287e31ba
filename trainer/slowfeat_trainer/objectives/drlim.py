"""DrLIM: dimensionality reduction by learning an invariant mapping.

Hadsell, Chopra & LeCun, CVPR 2006; Goroshin et al. 2015 eq. 1; the baseline `drlim` of Jayaraman &
Grauman 2017. Embeddings of neighbouring frames are pulled together, others pushed apart to a
margin.
"""

from __future__ import annotations

from torch import Tensor

from slowfeat_trainer.objectives.distance import l2
from slowfeat_trainer.objectives.neighbours import contrast_neighbours


def drlim(
    z_t: Tensor, z_near: Tensor, z_far: Tensor, is_far: Tensor, margin: float = 1.0
) -> Tensor:
    """Mean over neighbours of d plus mean over non-neighbours of max(0, margin - d), d = l2.

    Every embedding of `z_far` is a negative for every one of `z_t` where `is_far` says so, so that
    a batch holds far more negatives than positives (G: at least five to one).

    Args:
        z_t: (batch, D) embeddings.
        z_near: (batch, D) embeddings of their neighbours in time.
        z_far: (M, D) embeddings of other frames.
        is_far: (batch, M) bool, which of these are non-neighbours.
        margin: beyond this distance a non-neighbour costs nothing (J: 1.0).

    Returns:
        A scalar.
    """
    return contrast_neighbours(l2, z_t, z_near, z_far, is_far, margin)
