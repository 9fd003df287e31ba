"""What of a bundle's predictions is fitted to a robot: the scale of its odometry, and gain and bias
of what comes out.

The embedding stays as it is, so memories and goals keep their meaning. Of a transform T that was
learned elsewhere

    z' = gain * T(z, M motion) + bias

is fitted by least squares. M brings motions of this robot's body to the bundle's camera
(`cameras`), with a scale for each of the camera's turns and one for distances: odometry over- and
under-reports, and lenses are not as described.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from slowfeat.geometry import Array
from slowfeat_trainer.adaptation.adapt_cameras import NAMES, Mounts
from slowfeat_trainer.bundling.fit_transform import MotionData
from slowfeat_trainer.metrics.equivariance import Matrix

# Scales that are tried, evenly in their logarithm; 1 is among them.
SCALES = tuple(float(s) for s in np.geomspace(0.5, 2.0, 21))
# A scale must take away this share of the squared error on the calibration block, or the robot's
# own counts.
WORTH = 0.01
# Strengths of the pull towards gain 1 and bias 0, as shares of the pairs.
STRENGTHS = (0.0, 0.01, 0.1, 1.0, 10.0)
# Odometry that hardly turns, or hardly moves, says nothing of its scale.
STILL = 0.02
PredictFunction = Callable[[Matrix, Array], tuple[Matrix, Matrix]]


@dataclass(frozen=True)
class Adapter:
    """The numbers that are put around a transform."""

    # (4,) factors of `cameras.NAMES`, and the matrix (6, 6) that the motion is multiplied by first.
    scales: Array
    motion_map: Array
    # (D,) by which the prediction is multiplied, and what is added to it.
    gain: Matrix
    bias: Matrix
    # By which the expected error is multiplied.
    error_scale: float


def unfitted(dimension: int) -> Adapter:
    """The adapter that changes nothing."""
    ones, zeros = np.ones(dimension, np.float32), np.zeros(dimension, np.float32)
    return Adapter(np.ones(len(NAMES)), np.eye(6), ones, zeros, 1.0)


def fit_adapter(
    predict: PredictFunction, mounts: Mounts | None, fit: MotionData, calibration: MotionData
) -> Adapter:
    """Fit on some pairs; strengths, and whether a scale is worth having, are decided on others.

    Args:
        predict: the bundle's transform, (P, D) and (P, 6) to (P, D) and the expected error (P,).
        mounts: of both cameras; None where the transform knows the robot's camera already.
        fit: pairs of the robot's drive.
        calibration: later pairs of the same drive.
    """
    scales = np.ones(len(NAMES))
    motion_map = np.eye(6)
    if mounts is not None:
        for index in range(len(NAMES)):
            if np.sqrt((mounts.of_component(fit.motions, index) ** 2).mean()) > STILL:
                scales = _better_scale(predict, mounts, fit, calibration, scales, index)
        motion_map = mounts.motion_map(scales)
    predicted, _ = predict(fit.before, fit.motions @ motion_map.T)
    held, expected = predict(calibration.before, calibration.motions @ motion_map.T)
    best = (_squared(held, calibration.after), np.ones(held.shape[1]), np.zeros(held.shape[1]))
    for strength in STRENGTHS:
        gain, bias = gain_and_bias(predicted, fit.after, strength)
        error = _squared(gain * held + bias, calibration.after)
        if error < best[0]:
            best = (error, gain, bias)
    error, gain, bias = best
    error_scale = np.sqrt(error / max(float((expected.astype(np.float64) ** 2).mean()), 1e-20))
    return Adapter(
        scales, motion_map, gain.astype(np.float32), bias.astype(np.float32), float(error_scale)
    )


def _better_scale(
    predict: PredictFunction,
    mounts: Mounts,
    fit: MotionData,
    calibration: MotionData,
    scales: Array,
    index: int,
) -> Array:
    def changed(factor: float) -> Array:
        found = scales.copy()
        found[index] = factor
        return found

    def error(data: MotionData, factor: float) -> float:
        told = data.motions @ mounts.motion_map(changed(factor)).T
        return _squared(predict(data.before, told)[0], data.after)

    best = min(SCALES, key=lambda factor: error(fit, factor))
    worth = error(calibration, best) < (1 - WORTH) * error(calibration, 1.0)
    return changed(best) if worth else scales


def gain_and_bias(
    predicted: Matrix, actual: Matrix, strength: float
) -> tuple[np.ndarray, np.ndarray]:
    """Gain and bias (D,) of least squares, each coordinate for itself, pulled towards 1 and 0.

    Args:
        predicted: (P, D).
        actual: (P, D), what gain * predicted + bias should be.
        strength: of the pull, as a share of the pairs; 0 for none.
    """
    x, y = predicted.astype(np.float64), actual.astype(np.float64)
    count, weight = len(x), strength * len(x)
    mean = x.mean(axis=0)
    spread = ((x - mean) ** 2).sum(axis=0)
    still = max(float(spread.mean()), 1e-20) / max(count, 1)
    # The residual y - x is explained by (gain - 1) (x - mean) and an offset, which do not disturb
    # one another.
    residual = y - x
    slope = ((x - mean) * residual).sum(axis=0) / (spread + weight * still + 1e-12)
    offset = residual.sum(axis=0) / (count + weight)
    return 1 + slope, offset - slope * mean


def _squared(a: Matrix, b: Matrix) -> float:
    """Mean squared distance of rows."""
    return float(((a.astype(np.float64) - b) ** 2).sum(axis=1).mean())
