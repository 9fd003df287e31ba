"""The line that takes the turn that odometry reports to the turn that the images show, and how far
both are apart.

    seen = scale * reported + bias * seconds + bias_m * metres + noise

A regression of one on the other is biased where the regressor is noisy: that of `seen` on
`reported` where the odometry is (wheels, encoders), that of `reported` on `seen` where the robot
follows its odometry badly (commands). Which of the two it is the neighbours in time say: the turn
reported just before and after is an instrument (Wald 1940; Fuller 1987), free of this moment's
noise, whose estimate is right either way but loose. The sharp one that agrees with it is taken.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from slowfeat.geometry import Array

# Residuals beyond so many of their typical size count less (Huber).
TUNING, ROUNDS = 2.0, 8


@dataclass(frozen=True)
class Windows:
    """Windows of a drive: what odometry and images say of the same time."""

    # (W,) seconds since the first image at which each begins.
    start: Array
    # (W,) seconds; radians that the images show and the odometry reports; metres that it reports.
    seconds: Array
    seen: Array
    reported: Array
    metres: Array
    # (W,) radians reported in the windows just before and just after, together; not finite where
    # there are none.
    neighbours: Array
    # (W,) stretch of the drive that each belongs to; stretches are resampled whole.
    block: npt.NDArray[np.int64]
    # (W,) weight of each, at most 1.
    weight: Array

    def __len__(self) -> int:
        return len(self.seen)

    def take(self, which: npt.NDArray[np.int64]) -> Windows:
        """Some of them, by their indices."""
        return Windows(*(getattr(self, name)[which] for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class Line:
    """What was fitted."""

    scale: float
    # Radians a second, and a metre.
    bias_s: float
    bias_m: float
    # The three estimates of the scale: seen on reported, reported on seen, by the neighbours.
    forward: float
    inverse: float
    instrument: float


def fit_line(windows: Windows, per_metre: bool, noisy_odometry: float | None = None) -> Line:
    """Fit robustly.

    Args:
        windows: at least a dozen.
        per_metre: whether the bias goes with the distance driven instead of with time.
        noisy_odometry: how much the estimate is that of noisy odometry (1) rather than that of a
            robot that follows it badly (0); None: the instrument's.
    """
    offset = windows.metres if per_metre else windows.seconds
    weight = windows.weight.copy()
    known = np.isfinite(windows.neighbours)
    neighbours = np.where(known, windows.neighbours, 0.0)
    forward = inverse = instrument = scale = 1.0
    bias = 0.0
    for _ in range(ROUNDS):
        forward = _slope(windows.reported, windows.reported, windows.seen, offset, weight)
        inverse = _slope(windows.seen, windows.reported, windows.seen, offset, weight)
        instrument = _slope(neighbours, windows.reported, windows.seen, offset, weight * known)
        scale = instrument
        if noisy_odometry is not None:
            scale = float(
                np.sign(forward)
                * np.exp(
                    noisy_odometry * np.log(abs(inverse) + 1e-9)
                    + (1 - noisy_odometry) * np.log(abs(forward) + 1e-9)
                )
            )
        left = windows.seen - scale * windows.reported
        bias = float((weight * offset) @ left / max(float((weight * offset) @ offset), 1e-12))
        left = left - bias * offset
        typical = 1.48 * float(np.median(np.abs(left))) + 1e-6
        weight = windows.weight / np.maximum(1.0, np.abs(left) / (TUNING * typical))
    return Line(
        scale, 0.0 if per_metre else bias, bias if per_metre else 0.0, forward, inverse, instrument
    )


def residuals(windows: Windows, line: Line) -> Array:
    """Radians (W,) seen beyond what the line makes of the odometry."""
    return np.asarray(
        windows.seen
        - line.scale * windows.reported
        - line.bias_s * windows.seconds
        - line.bias_m * windows.metres
    )


def _slope(instrument: Array, x: Array, y: Array, offset: Array, weight: Array) -> float:
    """Of y on x with an offset free, by an instrument; with x as its own it is least squares."""
    share = weight * offset / max(float((weight * offset) @ offset), 1e-12)
    # The offset is taken out of each.
    z, x, y = (a - offset * float(share @ a) for a in (instrument, x, y))
    below = float((weight * z) @ x)
    return float((weight * z) @ y) / below if abs(below) > 1e-12 else 0.0


def resampled(windows: Windows, rng: np.random.Generator) -> Windows:
    """The windows of as many stretches as there are, drawn with replacement."""
    members = [np.flatnonzero(windows.block == b) for b in np.unique(windows.block)]
    drawn = rng.integers(0, len(members), len(members))
    return windows.take(np.concatenate([members[k] for k in drawn]))
