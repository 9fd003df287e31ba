"""Maps fitted to a frozen embedding by ridge least squares, for every method alike (J* section
5.2).

The blind map is shrunk towards no change, the map of a pattern towards the blind map, because
plain ridge per pattern overfits small bags. Strengths are chosen by the error on held-out pairs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from slowfeat_trainer.metrics.equivariance import Matrix
from slowfeat_trainer.metrics.ridge import STRENGTHS, Float, RidgePath, squared_error, with_bias

# More pairs than this, evenly spaced in time, change a map no more, and cost memory. Of long
# embeddings fewer than their dimensions do: what they do not determine is left to the prior.
MAX_FIT_PAIRS, MAX_FIT_PAIRS_LONG, LONG = 6000, 2000, 1024


def pairs_to_fit(dimension: int) -> int:
    """How many pairs are enough to fit a map of embeddings of this length."""
    return MAX_FIT_PAIRS if dimension <= LONG else MAX_FIT_PAIRS_LONG


@dataclass(frozen=True)
class MapData:
    """Pairs to fit or to choose by: embeddings before and after (P, D) and patterns (P,)."""

    before: Matrix
    after: Matrix
    pattern: npt.NDArray[np.int64]


@dataclass(frozen=True)
class RefittedMaps:
    """One affine map a motion pattern, and the blind map; each (D + 1, D), applied to [z 1]."""

    blind: Float
    # (G, D + 1, D)
    patterns: Float

    def predict_blind(self, z: Matrix) -> Float:
        """Predictions (P, D) that know no motion."""
        return np.asarray(with_bias(z) @ self.blind)

    def predict(self, z: Matrix, pattern: npt.NDArray[np.int64]) -> Float:
        """Predictions (P, D) by the maps of the patterns (P,)."""
        inputs = with_bias(z)
        predicted = np.empty((len(z), self.blind.shape[1]))
        for g in range(len(self.patterns)):
            chosen = pattern == g
            predicted[chosen] = inputs[chosen] @ self.patterns[g]
        return predicted


def fit_blind(fit: MapData, choose: MapData) -> Float:
    """The best affine map (D + 1, D) that knows no motion, shrunk towards the identity."""
    still = np.eye(fit.before.shape[1] + 1, fit.after.shape[1])
    path = RidgePath(with_bias(fit.before), fit.after, still)
    weights, error = path.best(with_bias(choose.before), choose.after)
    return weights if error < squared_error(choose.before, choose.after) else still


def refit_maps(fit: MapData, choose: MapData, patterns: int) -> RefittedMaps:
    """Fit the blind map and one map a pattern on `fit`; the strength is that best on `choose`."""
    blind = fit_blind(fit, choose)
    held = with_bias(choose.before)
    paths: dict[int, RidgePath] = {}
    errors = np.zeros(len(STRENGTHS))
    for g in range(patterns):
        mine = fit.pattern == g
        if np.any(mine):
            paths[g] = RidgePath(with_bias(fit.before[mine]), fit.after[mine], blind)
            chosen = choose.pattern == g
            errors += paths[g].held_out_errors(held[chosen], choose.after[chosen])
    maps = np.repeat(blind[None], patterns, axis=0)
    chosen = np.isin(choose.pattern, list(paths))
    if errors.min() < squared_error(held[chosen] @ blind, choose.after[chosen]):
        for g, path in paths.items():
            maps[g] = path.weights(STRENGTHS[int(errors.argmin())])
    return RefittedMaps(blind, maps)
