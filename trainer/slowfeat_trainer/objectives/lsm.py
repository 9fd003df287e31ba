"""Learning to see by moving: the baseline `lsm` of Jayaraman & Grauman 2017.

Agrawal, Carreira & Malik, ICCV 2015: from the features of both views, by one network with tied
weights, say which motion lies between them. Each component is cut into 20 uniform bins and is a
softmax of its own; the pairs are at most 7 frames apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from torch import Tensor
from torch.nn import functional

BINS = 20
# Bins reach from this quantile of the training's motions to that of the other end: one wild pose
# would otherwise put all the rest into one bin.
TAIL = 0.005


@dataclass(frozen=True)
class MotionBins:
    """Uniform bins of the moving components of a motion."""

    # (C,) which of the six components move, and the range that is cut into bins [m, rad].
    components: npt.NDArray[np.int64]
    low: npt.NDArray[np.float64]
    high: npt.NDArray[np.float64]
    count: int

    @classmethod
    def fitted_to(
        cls, motions: npt.NDArray[np.float64], scale: npt.NDArray[np.float64], count: int = BINS
    ) -> MotionBins:
        """Bins over the motions (P, 6) of the training; `scale` (6,) is 0 where nothing moves.

        Raises:
            ValueError: wrong shapes, or nothing moves.
        """
        if motions.ndim != 2 or motions.shape[1] != 6 or scale.shape != (6,):
            raise ValueError(
                f"motions must be (P, 6) and scale (6,); got {motions.shape} and {scale.shape}"
            )
        components = np.flatnonzero(scale > 0)
        if len(components) == 0:
            raise ValueError("scale must be above 0 in some component: nothing moves")
        low, high = np.quantile(motions[:, components], [TAIL, 1 - TAIL], axis=0)
        return cls(components, low, high, count)

    def assign(self, motions: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        """Bins (P, C) of motions (P, 6); what lies beyond the range is in the first or the last."""
        share = (motions[:, self.components] - self.low) / np.maximum(self.high - self.low, 1e-12)
        return np.clip(np.floor(share * self.count), 0, self.count - 1).astype(np.int64)


def lsm(logits: Tensor, bins: Tensor) -> Tensor:
    """Sum over components of the cross-entropy, the mean over the batch.

    Args:
        logits: (batch, C, bins) of each component of the motion.
        bins: (batch, C) integer, the bins that the motions fall into.

    Returns:
        A scalar.

    Raises:
        ValueError: shapes that do not belong together.
    """
    if logits.ndim != 3 or bins.shape != logits.shape[:2]:
        raise ValueError(
            f"logits must be (batch, C, bins) and bins (batch, C); "
            f"got {tuple(logits.shape)} and {tuple(bins.shape)}"
        )
    each = functional.cross_entropy(logits.transpose(1, 2), bins, reduction="none")
    return each.sum(dim=1).mean()
