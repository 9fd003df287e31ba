"""The plain objective of equivariance: the squared error of the prediction."""

from __future__ import annotations

from torch import Tensor

from slowfeat_trainer.objectives.distance import check_same_shape


def squared_error(predicted: Tensor, z_after: Tensor) -> Tensor:
    """Mean squared error of a coordinate. Unlike `ratio`, whatever changes slowly wins it.

    Args:
        predicted: (batch, D), what embeddings are predicted to become.
        z_after: (batch, D) embeddings after the motion.

    Returns:
        A scalar.
    """
    check_same_shape(predicted=predicted, z_after=z_after)
    return (predicted - z_after).pow(2).mean()
