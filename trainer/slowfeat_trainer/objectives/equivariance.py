"""Equivariance to discrete motion patterns.

Jayaraman & Grauman 2017 eq. 7-8: a pair with motion pattern g is pulled together after M_g, pairs
with another motion are pushed apart after the same M_g. M_g takes the view before to the view
after; the paper's appendix writes it the other way round.
"""

from __future__ import annotations

import torch
from torch import Tensor

from slowfeat_trainer.objectives.distance import check_same_shape, l2


def equivariance(
    moved: Tensor, z_after: Tensor, pattern: Tensor, margin: float | Tensor = 1.0
) -> Tensor:
    """Sum over g and pairs of [c = g] d + [c != g] max(0, margin - d), divided by the number of
    pairs.

    Every pair is the positive of its own pattern c and a negative of all others, so how often a
    pattern is a positive is up to the batch: draw the pattern first and then a pair of it
    (`training_set.draw_batch`), or a rare one is hardly ever more than a negative.

    Args:
        moved: (G, batch, D), M_g z of the view before, for every pattern g.
        z_after: (batch, D) embeddings of the view after.
        pattern: (batch,) integer, the pattern c of each pair's motion.
        margin: delta (J: 1.0, beside drlim 0.1), or one for each pattern, (G,) (J fn. 15).

    Returns:
        A scalar.

    Raises:
        ValueError: shapes that do not belong together.
    """
    if moved.ndim != 3 or pattern.shape != (len(z_after),):
        raise ValueError(
            f"moved must be (G, batch, D) and pattern (batch,); "
            f"got {tuple(moved.shape)} and {tuple(pattern.shape)}"
        )
    check_same_shape(moved=moved[0], z_after=z_after)
    if isinstance(margin, Tensor):
        if margin.shape != (len(moved),):
            raise ValueError(f"margin must be ({len(moved)},); got {tuple(margin.shape)}")
        margin = margin[:, None]
    distance = l2(moved, z_after[None])
    same = pattern[None] == torch.arange(len(moved), device=pattern.device)[:, None]
    cost = torch.where(same, distance, (margin - distance).clamp(min=0))
    return cost.sum() / len(z_after)
