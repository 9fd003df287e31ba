"""Whether a code's coordinates are linear in what was changed in the image
(Goroshin et al. 2015, fig. 1).
"""

from __future__ import annotations

import numpy as np

from slowfeat.geometry import Array
from slowfeat_trainer.metrics.equivariance import Matrix, variance_explained
from slowfeat_trainer.metrics.ridge import with_bias


def variables_explained(
    known: Matrix, known_variables: Array, asked: Matrix, asked_variables: Array
) -> Array:
    """R^2 (K,) of each variable by linear regression on the code; 0 is the mean, and what a
    constant gets.

    Args:
        known: (M, D) codes that the regression is fitted to.
        known_variables: (M, K), such as two angles.
        asked: (N, D) other codes.
        asked_variables: (N, K).
    """
    weights = np.linalg.lstsq(with_bias(known), known_variables, rcond=None)[0]
    found = with_bias(asked) @ weights
    return np.array(
        [
            variance_explained(found[:, [k]], asked_variables[:, [k]])
            for k in range(asked_variables.shape[1])
        ]
    )


def gradient_angle(z: Matrix, variables: Array) -> float:
    """Angle [deg], 0 to 90, between the directions in which a code moves with each of two
    variables.

    The directions are those of a linear fit of the code (N, D) to the variables (N, 2). 90 is
    "nearly orthogonal" (G, fig. 1); a code that moves with one variable only, or not at all,
    gets 0.
    """
    weights = np.linalg.lstsq(with_bias(variables), np.asarray(z, np.float64), rcond=None)[0][:2]
    lengths = np.linalg.norm(weights, axis=1)
    scale = float(np.abs(z).max(initial=0.0))
    if lengths.min() <= 1e-9 * max(scale, 1e-30) or lengths.min() <= 1e-6 * lengths.max():
        return 0.0
    cosine = abs(float(weights[0] @ weights[1])) / float(lengths.prod())
    return float(np.rad2deg(np.arccos(min(cosine, 1.0))))
