"""Equivariance to continuous motions: Jayaraman & Grauman 2017 eq. 13, `non-discrete`.

One map M with the motion xi as input takes every view before to its view after. Nothing is pushed
apart, so alone it is won by a constant code (J fn. 5, 6): always beside drlim, or a guard of the
variance.
"""

from __future__ import annotations

from torch import Tensor

from slowfeat_trainer.objectives.distance import check_same_shape, l2


def equivariance_continuous(moved: Tensor, z_after: Tensor) -> Tensor:
    """Mean over pairs of d(M(z_before, xi), z_after), d = l2.

    Args:
        moved: (batch, D), M(z_before, xi).
        z_after: (batch, D) embeddings of the views after.

    Returns:
        A scalar.

    Raises:
        ValueError: the shapes differ.
    """
    check_same_shape(moved=moved, z_after=z_after)
    return l2(moved, z_after).mean()
