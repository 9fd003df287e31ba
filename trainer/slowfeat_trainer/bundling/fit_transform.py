"""Fit the bundle's transform to a trained encoder, and calibrate the error it says to expect.

Every bundle predicts. The candidates are the maps that the method learned, if any, and maps of the
continuous motion fitted by ridge least squares on the training part; the one with the least error
on the calibration block is exported, and bundle.json names it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from slowfeat.geometry import Array
from slowfeat_trainer.data.motion_patterns import MotionPatterns
from slowfeat_trainer.metrics.equivariance import Matrix
from slowfeat_trainer.metrics.refit import MapData, fit_blind
from slowfeat_trainer.metrics.ridge import Float, RidgePath, squared_error, with_bias
from slowfeat_trainer.models.transform import BilinearTransform, TransformWithError

# Polynomials in the motion, by the name of their form; of longer embeddings they have too many
# weights.
DEGREES = {"bilinear": 1, "quadratic": 2}
MAX_DIMENSION = 256


@dataclass(frozen=True)
class MotionData:
    """Pairs to fit or to calibrate by: embeddings before and after (P, D), motions (P, 6)."""

    before: Matrix
    after: Matrix
    motions: Array


@dataclass(frozen=True)
class FittedTransform:
    """The exported transform, and how its form was chosen."""

    module: TransformWithError
    # "warp" or "patterns" (learned), "blind", "bilinear" or "quadratic" (fitted).
    form: str
    # Form -> squared error on the calibration block relative to the copy baseline's.
    calibration_error: dict[str, float]


def apply_transform(module: nn.Module, before: Matrix, motions: Array) -> tuple[Matrix, ...]:
    """Run a transform on arrays (P, D) and (P, 6), without gradients."""
    with torch.no_grad():
        out = module(
            torch.from_numpy(np.asarray(before, np.float32)),
            torch.from_numpy(np.asarray(motions, np.float32)),
        )
    return tuple(t.numpy() for t in out) if isinstance(out, tuple) else (out.numpy(),)


def fit_transform(
    fit: MotionData,
    calibration: MotionData,
    patterns: MotionPatterns,
    learned: dict[str, nn.Module],
) -> FittedTransform:
    """Choose the transform and calibrate its expected error.

    Args:
        fit: pairs of the training part.
        calibration: pairs of the calibration block.
        patterns: the motion patterns.
        learned: the transforms that the method itself has learned, by the name of their form.
    """
    low, high = fit.motions.min(axis=0), fit.motions.max(axis=0)
    candidates = learned | _bilinear_candidates(fit, calibration, patterns, low, high)
    still = squared_error(calibration.before, calibration.after) or 1.0
    error = {
        form: squared_error(
            apply_transform(module, calibration.before, calibration.motions)[0], calibration.after
        )
        / still
        for form, module in candidates.items()
    }
    form = min(error, key=lambda name: error[name])
    module = calibrate(candidates[form], calibration, patterns, fit.motions)
    return FittedTransform(module, form, error)


def _bilinear_candidates(
    fit: MotionData, calibration: MotionData, patterns: MotionPatterns, low: Float, high: Float
) -> dict[str, nn.Module]:
    """The blind map and, for embeddings that are not too long, the best
    maps of the continuous motion.
    """
    dimension = fit.before.shape[1]
    moving = np.flatnonzero(patterns.scale > 0)
    select = np.zeros((6, len(moving)))
    select[moving, np.arange(len(moving))] = 1 / patterns.scale[moving]
    nothing = np.zeros(0, dtype=np.int64)
    blind = fit_blind(
        MapData(fit.before, fit.after, nothing),
        MapData(calibration.before, calibration.after, nothing),
    )
    found: dict[str, nn.Module] = {"blind": BilinearTransform(low, high, select, blind[None], 0)}
    degrees = DEGREES if dimension <= MAX_DIMENSION else {}
    for name, degree in degrees.items():
        inputs = _motion_features(fit, low, high, select, degree)
        held = _motion_features(calibration, low, high, select, degree)
        prior = np.zeros((inputs.shape[1], dimension))
        prior[: dimension + 1] = blind
        best, _ = RidgePath(inputs, fit.after, prior).best(held, calibration.after)
        weight = best.reshape(-1, dimension + 1, dimension)
        found[name] = BilinearTransform(low, high, select, weight, degree)
    return found


def _motion_features(
    data: MotionData, low: Float, high: Float, select: Float, degree: int
) -> Float:
    """(P, (1 + degree K)(D + 1)): [z 1] times each factor of the motion."""
    u = np.clip(data.motions, low, high) @ select
    factors = np.concatenate([np.ones((len(u), 1)), u, u * u], axis=1)[:, : 1 + degree * u.shape[1]]
    return np.asarray((factors[:, :, None] * with_bias(data.before)[:, None]).reshape(len(u), -1))


def calibrate(
    transform: nn.Module, calibration: MotionData, patterns: MotionPatterns, seen: Array
) -> TransformWithError:
    """Fit the expected error of a transform on pairs that did not fit the transform.

    A gamma regression with logarithmic link of the squared error on the features of
    `TransformWithError`: its mean is exact on the calibration block by the intercept. `seen` are
    the motions (P, 6) of the training.
    """
    # Twice the variance is the mean squared distance of two frames that have nothing to do with
    # each other.
    guess = 2 * float(np.var(calibration.before, axis=0).sum())

    def with_error(coefficients: Float) -> TransformWithError:
        return TransformWithError(transform, seen, patterns.scale, coefficients, guess)

    module = with_error(np.zeros(TransformWithError.FEATURES))
    after = apply_transform(module, calibration.before, calibration.motions)[0]
    with torch.no_grad():
        features = module.features(
            torch.from_numpy(np.asarray(calibration.before, np.float32)),
            torch.from_numpy(np.asarray(calibration.motions, np.float32)),
            torch.from_numpy(after),
        ).double()
    square = ((after - calibration.after) ** 2).sum(axis=1)
    return with_error(gamma_regression(features.numpy(), square))


def gamma_regression(features: Float, target: Matrix, ridge: float = 1e-2) -> Float:
    """Coefficients w (F,) of E[target] = exp(features w), by Newton's method on the gamma deviance.

    Args:
        features: (P, F), the first column ones.
        target: (P,) not negative.
        ridge: on the coefficients of the standardised columns; the intercept is free.
    """
    centre, spread = features.mean(axis=0), features.std(axis=0)
    centre[0], spread = 0.0, np.where(spread > 1e-9, spread, np.inf)
    spread[0] = 1.0
    x = (features - centre) / spread
    floor = max(float(np.mean(target)), 1e-20)
    y = np.asarray(target, np.float64) / floor
    penalty = np.full(x.shape[1], ridge)
    penalty[0] = 0.0
    w = np.zeros(x.shape[1])

    def deviance(w: Float) -> float:
        eta = np.clip(x @ w, -30, 30)
        return float(np.mean(y * np.exp(-eta) + eta) + 0.5 * (penalty * w * w).sum())

    for _ in range(50):
        ratio = y * np.exp(-np.clip(x @ w, -30, 30))
        gradient = (x * (1 - ratio)[:, None]).mean(axis=0) + penalty * w
        hessian = (x * ratio[:, None]).T @ x / len(x) + np.diag(penalty + 1e-9)
        step = np.linalg.solve(hessian, gradient)
        size = 1.0
        while size > 1e-4 and deviance(w - size * step) > deviance(w):
            size /= 2
        w = w - size * step
        if float(np.abs(size * step).max()) < 1e-8:
            break
    slope = w / spread
    slope[0] += np.log(floor) - float(slope[1:] @ centre[1:])
    return np.asarray(slope)
