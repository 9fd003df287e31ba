"""The group-sparse auto-encoder: Goroshin et al. 2015, eq. 3.

||W_d h - x||^2 + alpha sum_i ||h||_Pi
"""

from __future__ import annotations

from torch import Tensor

from slowfeat_trainer.objectives.autoencoder_terms import (
    check_batches,
    l1_activity,
    reconstruction_error,
)


def group_sparse(
    x: Tensor, reconstruction: Tensor, h: Tensor, z: Tensor, alpha: float, alpha_l1: float = 0.0
) -> Tensor:
    """Eq. 3, the mean over the frames of a batch.

    Args:
        x: (batch, ...) inputs.
        reconstruction: like x, W_d h.
        h: (batch, ...) rectified activations.
        z: (batch, ...) pooled activations ||h||_Pi, none negative.
        alpha: weight of group sparsity.
        alpha_l1: weight of the variant's |h|_1; the paper found it to be worse.

    Returns:
        A scalar.

    Raises:
        ValueError: shapes that do not belong together.
    """
    check_batches(x=x, reconstruction=reconstruction, h=h, z=z)
    loss = reconstruction_error(x, reconstruction) + alpha * z.flatten(1).sum(dim=1).mean()
    return loss + alpha_l1 * l1_activity(h) if alpha_l1 else loss
