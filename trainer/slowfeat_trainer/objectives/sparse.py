"""The sparse auto-encoder: Goroshin et al. 2015, eq. 2 with beta = 0 (fig. 5b)."""

from __future__ import annotations

from torch import Tensor

from slowfeat_trainer.objectives.autoencoder_terms import (
    check_batches,
    l1_activity,
    reconstruction_error,
)


def sparse(x: Tensor, reconstruction: Tensor, h: Tensor, alpha: float) -> Tensor:
    """||W_d h - x||^2 + alpha |h|_1, the mean over the frames of a batch.

    Args:
        x: (batch, ...) inputs.
        reconstruction: like x, W_d h.
        h: (batch, ...) rectified activations.
        alpha: weight of sparsity.

    Returns:
        A scalar.

    Raises:
        ValueError: shapes that do not belong together.
    """
    check_batches(x=x, reconstruction=reconstruction, h=h)
    return reconstruction_error(x, reconstruction) + alpha * l1_activity(h)
