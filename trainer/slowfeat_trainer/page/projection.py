"""Embeddings in two dimensions, to be looked at: principal components."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from slowfeat.geometry import Array


@dataclass(frozen=True)
class Projection:
    """The plane in which some embeddings vary most."""

    mean: Array
    # (2, D) orthonormal.
    axes: Array
    # Share of the variance that lies in the plane.
    share: float

    @classmethod
    def fitted_to(cls, embeddings: Array) -> Projection:
        """The first two principal components of embeddings (N, D), N of at least 2."""
        mean = embeddings.mean(axis=0)
        _, spread, axes = np.linalg.svd(embeddings - mean, full_matrices=False)
        total = float((spread**2).sum())
        return cls(mean, axes[:2], float((spread[:2] ** 2).sum()) / total if total > 0 else 1.0)

    def apply(self, embeddings: Array) -> Array:
        """Coordinates (N, 2) in the plane."""
        return np.asarray((embeddings - self.mean) @ self.axes.T)
