"""Ridge least squares towards a prior, for many strengths at the price of one decomposition."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from slowfeat_trainer.evaluation.metrics import Matrix

Float = npt.NDArray[np.float64]

# Strengths tried, relative to the inputs' mean squared entry times the number of pairs.
STRENGTHS: tuple[float, ...] = tuple(float(s) for s in 10.0 ** np.arange(-4.0, 2.5, 0.5))


def with_bias(z: Matrix) -> Float:
    """(P, D) -> (P, D + 1), a column of ones appended."""
    return np.concatenate([np.asarray(z, np.float64), np.ones((len(z), 1))], axis=1)


def ridge_path(inputs: Float, targets: Matrix, prior: Float) -> Iterator[Float]:
    """For each of STRENGTHS the W (F, D) minimising |inputs W - targets|^2 + s * scale * |W - prior|^2.

    Args:
        inputs: (P, F).
        targets: (P, D).
        prior: (F, D), towards which W is shrunk.
    """
    scale = float(np.mean(inputs**2)) * len(inputs)
    residual = np.asarray(targets, np.float64) - inputs @ prior
    # The smaller of the two Gram matrices has all there is to know.
    if inputs.shape[1] <= len(inputs):
        values, vectors = np.linalg.eigh(inputs.T @ inputs)
        left, right = vectors, vectors.T @ (inputs.T @ residual)
    else:
        values, vectors = np.linalg.eigh(inputs @ inputs.T)
        left, right = inputs.T @ vectors, vectors.T @ residual
    for strength in STRENGTHS:
        yield prior + left @ (right / (np.clip(values, 0, None) + strength * scale)[:, None])


def squared_error(predicted: Matrix, actual: Matrix) -> float:
    """Sum of squared differences."""
    return float(((predicted - actual) ** 2).sum())
