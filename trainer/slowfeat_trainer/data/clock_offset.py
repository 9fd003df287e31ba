"""How far the clocks of camera and odometry disagree, found from the turns of the robot.

A turn shifts the image sideways. The shift between adjacent frames is measured on profiles, the
means of the columns within a few bands of rows: where the cross-correlation of two profiles peaks.
That takes a few microseconds a frame, and a turn explains it better than it explains a phase
correlation of whole images. It is compared with the turn that the odometry says was made at the
same time, for every lag; the lag at which the two correlate best is the offset.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from slowfeat.geometry import Array, body_pose, pose_matrix, relative_motion
from slowfeat.odometry import NS, Stamps
from slowfeat_trainer.data.peaks import beside_peak

MAX_LAG_S = 0.5
STEP_S = 0.01
# Below this correlation the turns do not explain the images, and no lag can be told.
MIN_CORRELATION = 0.4
# An offset below this is below what the method resolves and training tolerates.
NOTICEABLE_S = 0.05
# More adjacent frames than this add nothing.
MAX_STEPS = 4000
# The peak is fitted to the lags so far around the best one, in steps of STEP_S: commands that come
# in steps make the top itself ragged.
PEAK_STEPS = 4
# Bands of rows whose shifts are measured together; what is near passes faster than what is far.
BANDS = 4
# Points of the cross-correlation a pixel, before the peak is refined by a parabola.
FINER = 4
# Frames worked on at a time, for memory.
BLOCK = 256


@dataclass(frozen=True)
class ClockOffset:
    """What the images say of the clocks."""

    # Seconds to add to the odometry's stamps so that they fit the images'.
    seconds: float
    # Of image shift and turn at that lag, absolute.
    correlation: float

    @property
    def is_known(self) -> bool:
        """Whether the turns explain the images well enough."""
        return self.correlation >= MIN_CORRELATION

    def after(self, seconds: float) -> ClockOffset:
        """The offset of odometry to whose stamps so many seconds were
        added before it was compared.
        """
        return ClockOffset(self.seconds + seconds, self.correlation)


UNKNOWN = ClockOffset(0.0, 0.0)


def picture_shifts(frames: npt.NDArray[np.uint8]) -> Array:
    """Sideways shifts (N - 1,) in pixels between adjacent frames (N, H,
    W, 3), to the right positive.
    """

    def of_block(start: int) -> Array:
        spectra = _spectra(frames[start : start + BLOCK + 1, :, :, 1])
        return _peaks(np.conj(spectra[:-1]) * spectra[1:], frames.shape[2])

    # On all cores: at the end of an ingest there is nothing else to do.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        shifts = list(pool.map(of_block, range(0, len(frames) - 1, BLOCK)))
    return np.concatenate(shifts) if shifts else np.zeros(0)


def shifts_between(before: npt.NDArray[np.uint8], after: npt.NDArray[np.uint8]) -> Array:
    """Sideways shifts (K,) in pixels from grey images (K, H, W) to others (K,
    H, W), to the right positive.
    """
    return _peaks(np.conj(_spectra(before)) * _spectra(after), before.shape[2])


def _spectra(grey: npt.NDArray[np.uint8]) -> npt.NDArray[np.complexfloating]:
    """Fourier transforms (N, B, W // 2 + 1) of the profiles of grey images (N, H, W)."""
    count, height, width = grey.shape
    bands = min(BANDS, height)
    rows = height // bands
    profiles = grey[:, : rows * bands].reshape(count, bands, rows, width)
    profiles = profiles.sum(axis=2, dtype=np.uint32).astype(np.float32)
    profiles -= profiles.mean(axis=-1, keepdims=True)
    # Ends that fade out, as the transform takes the right end to join the left.
    return np.fft.rfft(profiles * np.hanning(width + 2)[1:-1].astype(np.float32), axis=-1)


def _peaks(products: npt.NDArray[np.complexfloating], width: int) -> Array:
    """Shifts (K,) in pixels where the cross-correlations of profiles
    with such spectra (K, B, F) peak.
    """
    cross = products.sum(axis=1)
    # A longer inverse transform interpolates.
    size = FINER * width
    strength = np.roll(np.fft.irfft(cross, n=size, axis=-1), size // 2, axis=-1)
    peak = np.clip(np.argmax(strength, axis=-1), 1, size - 2)
    each = np.arange(len(peak))
    left, middle, right = (strength[each, peak + k] for k in (-1, 0, 1))
    beside = beside_peak(left, middle, right)
    return np.asarray((peak - size // 2 + beside) / FINER, dtype=np.float64)


def turned_until(positions: Array, quaternions: Array, frame: str) -> Array:
    """Angle (N,) in radians turned to the left about the body's own z since the first pose."""
    if not len(positions):
        return np.zeros(0)
    poses = body_pose(pose_matrix(positions, quaternions), frame)
    steps = relative_motion(poses[:-1], poses[1:])[:, 5]
    return np.concatenate([[0.0], np.cumsum(steps)])


def estimate_offset(
    frames: npt.NDArray[np.uint8], stamps: Stamps, odom_stamps: Stamps, turned: Array
) -> ClockOffset:
    """Find the offset between images and odometry.

    Args:
        frames: (N, H, W, 3) uint8 RGB in the order of time.
        stamps: (N,) ns.
        odom_stamps: (M,) ns, increasing.
        turned: (M,) from `turned_until`.
    """
    frames, stamps = frames[: MAX_STEPS + 1], stamps[: MAX_STEPS + 1]
    if len(stamps) < 20 or len(odom_stamps) < 20:
        return UNKNOWN
    # Relative to the first stamp, or float64 could not resolve nanoseconds.
    t = (stamps - stamps[0]) / NS
    odom_t = (odom_stamps - stamps[0]) / NS
    step = np.diff(t)
    usable = step <= 3 * np.partition(step, len(step) // 2)[len(step) // 2]
    shift = _clipped(picture_shifts(frames)[usable])
    lags = np.arange(-MAX_LAG_S, MAX_LAG_S + STEP_S / 2, STEP_S)
    turn = np.stack([np.diff(np.interp(t - lag, odom_t, turned))[usable] for lag in lags])
    strength = _correlation(shift, turn)
    best = int(np.argmax(strength))
    return ClockOffset(float(lags[best] + _vertex(strength, best) * STEP_S), float(strength[best]))


def _clipped(values: Array) -> Array:
    """Values (K,) without their extremes: the shift of two images
    has outliers that would decide.
    """
    return np.clip(values, *_limits(values))


def _limits(values: Array) -> tuple[float, float]:
    """What 2 % of the values (K,) lie below and above; np.quantile first imports half of numpy."""
    ends = [int(0.02 * (len(values) - 1)), int(np.ceil(0.98 * (len(values) - 1)))]
    low, high = np.partition(values, ends)[ends]
    return float(low), float(high)


def _correlation(shift: Array, turn: Array) -> Array:
    """Absolute correlations (L,) of shifts (K,) with the turns of each lag (L, K)."""
    # One pair of limits for all lags: they hold the same turns, a few frames to either side.
    turn = np.clip(turn, *_limits(turn[len(turn) // 2]))
    a, b = shift - shift.mean(), turn - turn.mean(axis=1, keepdims=True)
    norms = np.linalg.norm(a) * np.linalg.norm(b, axis=1)
    # Of turns that are nothing but rounding, no correlation is told.
    told = (np.ptp(turn, axis=1) >= 1e-6) & (norms > 0)
    return np.asarray(np.where(told, np.abs(b @ a) / np.where(told, norms, 1.0), 0.0))


def _vertex(strength: Array, best: int) -> float:
    """Where the parabola fitted around the best lag peaks, in steps from the best."""
    lags = np.arange(max(best - PEAK_STEPS, 0), min(best + PEAK_STEPS + 1, len(strength)))
    if best in (0, len(strength) - 1):
        return 0.0
    bend, slope, _ = np.polyfit(lags - best, strength[lags], 2)
    top = -slope / (2 * bend) if bend < 0 else 0.0
    return float(np.clip(top, -PEAK_STEPS, PEAK_STEPS))
