"""The ratio objective: equivariance that slowness alone cannot win.

The mean over pairs of log |T(xi) z - z'|^2 - log |z - z'|^2. A code that drifts slowly has small
errors and small changes alike, and gains nothing; what is rewarded is to predict better than the
copy baseline.
"""

from __future__ import annotations

from torch import Tensor

from slowfeat_trainer.objectives.distance import check_same_shape

# Share of the batch's mean squared change below which errors do not count, so that frames that
# hardly differ do not decide.
FLOOR = 0.03


def ratio(z_before: Tensor, predicted: Tensor, z_after: Tensor) -> Tensor:
    """Mean log ratio of the prediction's squared error to that of the copy baseline; 0 for the copy
    baseline.

    Args:
        z_before: (batch, D) embeddings before the motion.
        predicted: (batch, D), what they are predicted to become.
        z_after: (batch, D) embeddings after it.

    Returns:
        A scalar.
    """
    check_same_shape(z_before=z_before, predicted=predicted, z_after=z_after)
    error = (predicted - z_after).pow(2).sum(dim=1)
    change = (z_before - z_after).pow(2).sum(dim=1)
    floor = FLOOR * change.mean().detach() + 1e-12
    return ((error + floor).log() - (change + floor).log()).mean()
