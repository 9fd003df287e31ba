"""Slow feature analysis in closed form: Wiskott & Sejnowski 2002.

Find functions of the input that vary most slowly in time, have zero mean and unit variance, and are
decorrelated. Among the linear combinations of a quadratic expansion of the leading principal
components this is a generalised eigenvalue problem, A w = delta B w, with the covariance B of the
expanded signal and the covariance A of its steps in time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float = npt.NDArray[np.float64]

# Directions of the expanded signal with less than this share of the largest variance are numerical
# noise.
RANK = 1e-9


@dataclass(frozen=True)
class SlowFeatures:
    """The functions that were found."""

    # (P,) and (P, K): principal components of unit variance.
    mean: Float
    principal: Float
    # (E,) mean of the expanded signal, and (E, D) weights on it.
    expanded_mean: Float
    weight: Float
    # (D,) delta values, the mean squared step of each feature; they ascend. 2 is noise, 0 a
    # constant.
    delta: Float
    quadratic: bool

    def transform(self, x: Float) -> Float:
        """Features (T, D) of signals (T, P), the slowest first."""
        return (self._expand(x) - self.expanded_mean) @ self.weight

    def _expand(self, x: Float) -> Float:
        return expand((x - self.mean) @ self.principal, self.quadratic)


def expand(y: Float, quadratic: bool) -> Float:
    """Signals (T, K), and all their products of two where `quadratic`: (T, K + K (K + 1) / 2)."""
    if not quadratic:
        return y
    i, j = np.triu_indices(y.shape[1])
    return np.concatenate([y, y[:, i] * y[:, j]], axis=1)


def slow_features(
    x: Float,
    dimension: int,
    components: int | None = None,
    block: npt.NDArray[np.int64] | None = None,
    quadratic: bool = True,
) -> SlowFeatures:
    """Fit slow feature analysis.

    Args:
        x: (T, P) signals at even times.
        dimension: D, features to find.
        components: K, principal components that are expanded; None for all that vary.
        block: (T,) number of the clip that each sample is of; no step is taken from one clip to
            another.
        quadratic: expand; otherwise the features are linear.

    Raises:
        ValueError: shapes that do not belong together, or too few samples or directions.
    """
    if x.ndim != 2 or (block is not None and block.shape != (len(x),)):
        raise ValueError(
            f"signals must be (T, P) and block (T,); got {x.shape}"
            + ("" if block is None else f" and {block.shape}")
        )
    steps = np.ones(len(x) - 1, dtype=bool) if block is None else block[1:] == block[:-1]
    if steps.sum() < 2:
        raise ValueError(f"signals must have 2 steps in time at least; {x.shape} has {steps.sum()}")
    mean = x.mean(axis=0)
    principal = _sphering(x - mean, components)
    y = expand((x - mean) @ principal, quadratic)
    expanded_mean = y.mean(axis=0)
    white = _sphering(y - expanded_mean, None)
    if white.shape[1] < dimension:
        raise ValueError(
            f"dimension must be {white.shape[1]} at most, as many directions as the expanded "
            f"signal has; got {dimension}"
        )
    # On the whitened signal the generalised problem is an ordinary one.
    step = np.diff((y - expanded_mean) @ white, axis=0)[steps]
    delta, rotation = np.linalg.eigh(step.T @ step / len(step))
    weight = white @ rotation[:, :dimension]
    # An eigenvector has no sign of its own; one is chosen, so that equal data give equal features.
    largest = weight[np.abs(weight).argmax(axis=0), np.arange(dimension)]
    weight = weight * np.where(largest < 0, -1.0, 1.0)
    return SlowFeatures(mean, principal, expanded_mean, weight, delta[:dimension], quadratic)


def _sphering(x: Float, components: int | None) -> Float:
    """(P, K): takes centred signals (T, P) to their leading components,
    uncorrelated, of unit variance.
    """
    values, vectors = np.linalg.eigh(x.T @ x / len(x))
    values, vectors = values[::-1], vectors[:, ::-1]
    kept = values > RANK * values[0]
    if not np.any(kept) or values[0] <= 0:
        raise ValueError("signals must vary in time; these are constant")
    return np.asarray((vectors[:, kept] / np.sqrt(values[kept]))[:, :components])
