"""Steadiness: slow and steady feature analysis (SSFA).

Jayaraman & Grauman, CVPR 2016; the small acceleration that Goroshin et al. 2015 conclude with. In a
triplet of evenly spaced frames the two steps of the code should be alike; in other triplets they
should not, or a code that stands still would win.
"""

from __future__ import annotations

from torch import Tensor

from slowfeat_trainer.objectives.distance import check_same_shape, l2


def steady(z_1: Tensor, z_2: Tensor, z_3: Tensor, is_even: Tensor, margin: float = 1.0) -> Tensor:
    """Mean over even triplets of d plus mean over others of max(0, margin - d), d = l2 of the two
    steps.

    Args:
        z_1: (batch, D) embeddings of the first frames.
        z_2: (batch, D), the second.
        z_3: (batch, D), the third.
        is_even: (batch,) bool, whether the three are in order and evenly spaced.
        margin: beyond this distance a triplet that is not even costs nothing.

    Returns:
        A scalar.

    Raises:
        ValueError: shapes that do not belong together.
    """
    check_same_shape(z_1=z_1, z_2=z_2, z_3=z_3)
    if is_even.shape != (len(z_1),):
        raise ValueError(f"is_even must be ({len(z_1)},); got {tuple(is_even.shape)}")
    distance = l2(z_2 - z_1, z_3 - z_2)
    attract = (distance * is_even).sum() / is_even.sum().clamp(min=1)
    repel = ((margin - distance).clamp(min=0) * ~is_even).sum() / (~is_even).sum().clamp(min=1)
    return attract + repel
