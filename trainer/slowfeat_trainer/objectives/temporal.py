"""Temporal coherence: the baseline `temporal` of Jayaraman & Grauman 2017.

Mobahi, Collobert & Weston, ICML 2009. drlim with the l1 distance.
"""

from __future__ import annotations

from torch import Tensor

from slowfeat_trainer.objectives.distance import l1
from slowfeat_trainer.objectives.neighbours import contrast_neighbours


def temporal(
    z_t: Tensor, z_near: Tensor, z_far: Tensor, is_far: Tensor, margin: float = 1.0
) -> Tensor:
    """Mean over neighbours of d plus mean over non-neighbours of max(0, margin - d), d = l1.

    Args:
        z_t: (batch, D) embeddings.
        z_near: (batch, D) embeddings of their neighbours in time.
        z_far: (M, D) embeddings of other frames.
        is_far: (batch, M) bool, which of these are non-neighbours.
        margin: beyond this distance a non-neighbour costs nothing (J: 1.0).

    Returns:
        A scalar.
    """
    return contrast_neighbours(l1, z_t, z_near, z_far, is_far, margin)
