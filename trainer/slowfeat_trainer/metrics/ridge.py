"""Ridge least squares towards a prior, for many strengths at the price of one decomposition."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from slowfeat_trainer.metrics.equivariance import Matrix

Float = npt.NDArray[np.float64]

# Strengths tried, relative to the inputs' mean squared entry times the number of pairs.
STRENGTHS: tuple[float, ...] = tuple(float(s) for s in 10.0 ** np.arange(-4.0, 2.5, 0.5))


def with_bias(z: Matrix) -> Float:
    """(P, D) -> (P, D + 1), a column of ones appended."""
    return np.concatenate([np.asarray(z, np.float64), np.ones((len(z), 1))], axis=1)


class RidgePath:
    """The solutions W (F, D) of |inputs W - targets|^2 + s * scale * |W - prior|^2 for all
    strengths s.

    `scale` is the inputs' mean squared entry times the number of pairs.
    """

    def __init__(self, inputs: Float, targets: Matrix, prior: Float) -> None:
        """
        Args:
            inputs: (P, F).
            targets: (P, D).
            prior: (F, D), towards which W is shrunk.
        """
        self._prior = prior
        self._scale = float(np.mean(inputs**2)) * len(inputs)
        residual = np.asarray(targets, np.float64) - inputs @ prior
        # The smaller of the two Gram matrices has all there is to know.
        if inputs.shape[1] <= len(inputs):
            values, self._left = np.linalg.eigh(inputs.T @ inputs)
            self._right = self._left.T @ (inputs.T @ residual)
        else:
            values, vectors = np.linalg.eigh(inputs @ inputs.T)
            self._left, self._right = inputs.T @ vectors, vectors.T @ residual
        self._values = np.clip(values, 0.0, None)

    def _shrunk(self, strength: float) -> Float:
        return np.asarray(self._right / (self._values + strength * self._scale)[:, None])

    def weights(self, strength: float) -> Float:
        """W (F, D) at one strength."""
        return np.asarray(self._prior + self._left @ self._shrunk(strength))

    def held_out_errors(self, inputs: Float, targets: Matrix) -> Float:
        """Sum of squared errors on other pairs (P, F), (P, D), for each of STRENGTHS."""
        projected, start = inputs @ self._left, inputs @ self._prior
        return np.array(
            [squared_error(start + projected @ self._shrunk(s), targets) for s in STRENGTHS]
        )

    def best(self, inputs: Float, targets: Matrix) -> tuple[Float, float]:
        """W of the strength with the least error on other pairs, and that error."""
        errors = self.held_out_errors(inputs, targets)
        return self.weights(STRENGTHS[int(errors.argmin())]), float(errors.min())


def squared_error(predicted: Matrix, actual: Matrix) -> float:
    """Sum of squared differences."""
    return float(((predicted - actual) ** 2).sum())
