"""Softmax classification: `clsnet`, and the first term of joint training.

Jayaraman & Grauman 2015 (ICCV) eq. 8: L_c + lambda L_reg, where the labelled images go through a
stack that shares its weights with the one that L_reg (drlim, temporal, equivariance) sees.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional


def classification(logits: Tensor, labels: Tensor) -> Tensor:
    """Mean cross-entropy.

    Args:
        logits: (batch, classes).
        labels: (batch,) integer.

    Returns:
        A scalar.

    Raises:
        ValueError: shapes that do not belong together, or labels that are not integers.
    """
    if logits.ndim != 2 or labels.shape != logits.shape[:1] or labels.is_floating_point():
        raise ValueError(
            f"logits must be (batch, classes) and labels (batch,) integer; "
            f"got {tuple(logits.shape)} and {tuple(labels.shape)} {labels.dtype}"
        )
    return functional.cross_entropy(logits, labels)
