"""How far the clocks of camera and odometry disagree, found from the turns of the robot.

A turn shifts the picture sideways. The shift between adjacent frames is measured by phase correlation
and compared with the turn that the odometry says was made at the same time, for every lag; the lag at
which the two correlate best is the offset. The slope tells how many pixels a radian is.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from slowfeat.geometry import Array, body_pose, pose_matrix, relative_motion
from slowfeat.odometry import NS, Stamps

MAX_LAG_S = 0.5
STEP_S = 0.01
# Below this correlation the turns do not explain the pictures, and no lag can be told.
MIN_CORRELATION = 0.4
# An offset below this is within what the method can tell and what training forgives.
NOTICEABLE_S = 0.05
# More adjacent frames than this tell no more.
MAX_STEPS = 4000


@dataclass(frozen=True)
class ClockOffset:
    """What the pictures say of the clocks."""

    # Seconds to add to the odometry's stamps so that they fit the images'.
    seconds: float
    # Of picture shift and turn at that lag, absolute.
    correlation: float

    @property
    def is_known(self) -> bool:
        """Whether the turns explain the pictures well enough to tell."""
        return self.correlation >= MIN_CORRELATION


UNKNOWN = ClockOffset(0.0, 0.0)


def picture_shifts(frames: npt.NDArray[np.uint8]) -> Array:
    """Sideways shifts (N - 1,) in pixels between adjacent frames (N, H, W, 3), to the right positive."""
    grey = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY).astype(np.float32) for frame in frames]
    window = cv2.createHanningWindow(grey[0].shape[::-1], cv2.CV_32F)
    return np.array([cv2.phaseCorrelate(a, b, window)[0][0] for a, b in pairwise(grey)])


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
    shift = picture_shifts(frames)
    # Relative to the first stamp, or float64 could not tell nanoseconds apart.
    t = (stamps - stamps[0]) / NS
    odom_t = (odom_stamps - stamps[0]) / NS
    step = np.diff(t)
    usable = step <= 3 * np.median(step)
    lags = np.arange(-MAX_LAG_S, MAX_LAG_S + STEP_S / 2, STEP_S)
    strength = np.array(
        [_correlation(shift, np.diff(np.interp(t - lag, odom_t, turned)), usable) for lag in lags]
    )
    best = int(np.argmax(strength))
    return ClockOffset(float(lags[best] + _vertex(strength, best) * STEP_S), float(strength[best]))


def _correlation(shift: Array, turn: Array, usable: npt.NDArray[np.bool_]) -> float:
    """Absolute correlation of clipped values: phase correlation has outliers that would decide it."""
    a, b = shift[usable], turn[usable]
    if np.ptp(a) == 0 or np.ptp(b) < 1e-6:
        return 0.0
    a, b = np.clip(a, *np.quantile(a, [0.02, 0.98])), np.clip(b, *np.quantile(b, [0.02, 0.98]))
    return float(abs(np.corrcoef(a, b)[0, 1])) if a.std() > 0 and b.std() > 0 else 0.0


def _vertex(strength: Array, best: int) -> float:
    """Where the parabola through the best lag and its neighbours peaks, in steps from the best."""
    if best in (0, len(strength) - 1):
        return 0.0
    left, middle, right = strength[best - 1 : best + 2]
    bend = left - 2 * middle + right
    return float(0.5 * (left - right) / bend) if bend < 0 else 0.0
