"""DrLIM: dimensionality reduction by learning an invariant mapping.

Hadsell, Chopra & LeCun, CVPR 2006; Goroshin et al. 2015 eq. 1; the baseline `drlim` of Jayaraman &
Grauman 2017. Embeddings of neighbouring frames are pulled together, others pushed apart to a margin.
"""

from __future__ import annotations

from torch import Tensor

from slowfeat_trainer.objectives.distance import check_same_shape, l2


def drlim(
    z_t: Tensor, z_near: Tensor, z_far: Tensor, is_far: Tensor, margin: float = 1.0
) -> Tensor:
    """Mean over neighbours of d plus mean over non-neighbours of max(0, margin - d), d = l2.

    Every embedding of `z_far` is a negative for every one of `z_t` where `is_far` says so, so that a
    batch holds far more negatives than positives (G: at least five to one).

    Args:
        z_t: (batch, D) embeddings.
        z_near: (batch, D) embeddings of their neighbours in time.
        z_far: (M, D) embeddings of other frames.
        is_far: (batch, M) bool, which of these are non-neighbours.
        margin: beyond this distance a non-neighbour costs nothing (J: 1.0).

    Returns:
        A scalar.
    """
    check_same_shape(z_t=z_t, z_near=z_near)
    if z_far.ndim != 2 or z_far.shape[1] != z_t.shape[1] or is_far.shape != (len(z_t), len(z_far)):
        raise ValueError(
            f"z_far must be (M, {z_t.shape[1]}) and is_far ({len(z_t)}, M); "
            f"got {tuple(z_far.shape)} and {tuple(is_far.shape)}"
        )
    attract = l2(z_t, z_near).mean()
    hinge = (margin - l2(z_t[:, None], z_far[None])).clamp(min=0) * is_far
    return attract + hinge.sum() / is_far.sum().clamp(min=1)
