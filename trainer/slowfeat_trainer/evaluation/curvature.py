"""Metrics of straightness: whether a code goes on where it was going (the conclusion of Goroshin et
al. 2015).

Both compare three frames, evenly spaced in time and of one stretch of it. Where a code stands still
there is no direction: such triplets count as turned by a right angle, or as predicted no better
than by the last frame, so a constant code gains nothing.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from slowfeat_trainer.metrics.equivariance import Matrix

Index = npt.NDArray[np.int64]


def straightness(z: Matrix, block: Index, stride: int = 1) -> float:
    """Mean cosine between successive steps: 1 is a straight path, 0 a constant, -.5 independent
    noise.

    Args:
        z: (N, D) embeddings in the order of time.
        block: (N,) stretches of time that belong together.
        stride: frames a step.
    """
    first, second = _steps(z, block, stride)
    lengths = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    cosines = (first * second).sum(axis=1) / np.where(lengths > 0, lengths, np.inf)
    return float(cosines.mean()) if len(cosines) else 0.0


def extrapolation_error(z: Matrix, block: Index, stride: int = 1) -> float:
    """Mean of ||2 z_2 - z_1 - z_3|| / ||z_2 - z_3||: 0 is a straight path at even speed, 1 no
    better than z_2.

    Independent noise gets about 1.7, a constant 1. The denominator is floored at a tenth of its
    median. Arguments as in `straightness`.
    """
    first, second = _steps(z, block, stride)
    if not len(first):
        return 1.0
    moved = np.linalg.norm(second, axis=1)
    floor = 0.1 * float(np.median(moved))
    still = np.maximum(moved, floor) == 0
    missed = np.linalg.norm(first - second, axis=1)
    return float(
        np.where(still, 1.0, missed / np.where(still, 1.0, np.maximum(moved, floor))).mean()
    )


def _steps(z: Matrix, block: Index, stride: int) -> tuple[Matrix, Matrix]:
    """The first and the second step (T, D) of all triplets within a block."""
    z = np.asarray(z, np.float64)
    within = block[: -2 * stride] == block[2 * stride :]
    first = z[stride:-stride] - z[: -2 * stride]
    second = z[2 * stride :] - z[stride:-stride]
    return first[within], second[within]
