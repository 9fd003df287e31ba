"""Maps fitted to a frozen embedding by ridge least squares, for every method alike (J* section 5.2).

The blind map is shrunk towards standing still, the map of a pattern towards the blind map, because
plain ridge per pattern overfits small bags. Strengths are chosen by the error on held-out pairs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from slowfeat_trainer.evaluation.metrics import Matrix
from slowfeat_trainer.evaluation.ridge import Float, ridge_path, squared_error, with_bias


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
    held = with_bias(choose.before)
    path = ridge_path(with_bias(fit.before), fit.after, still)
    return min([still, *path], key=lambda W: squared_error(held @ W, choose.after))


def refit_maps(fit: MapData, choose: MapData, patterns: int) -> RefittedMaps:
    """Fit the blind map and one map a pattern on `fit`; strengths are those best on `choose`."""
    blind = fit_blind(fit, choose)
    paths = [
        ridge_path(with_bias(fit.before[fit.pattern == g]), fit.after[fit.pattern == g], blind)
        if np.any(fit.pattern == g)
        else None
        for g in range(patterns)
    ]
    filled = [g for g in range(patterns) if paths[g] is not None]
    candidates = [np.repeat(blind[None], patterns, axis=0)]
    for weights in zip(*(path for path in paths if path is not None), strict=True):
        maps = candidates[0].copy()
        maps[filled] = weights
        candidates.append(maps)

    def error(maps: Float) -> float:
        predicted = RefittedMaps(blind, maps).predict(choose.before, choose.pattern)
        return squared_error(predicted, choose.after)

    return RefittedMaps(blind, min(candidates, key=error))
