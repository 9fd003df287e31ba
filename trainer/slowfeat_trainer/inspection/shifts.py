"""How far images shift against how far the odometry turns: whether both show the same motion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from slowfeat.geometry import Array
from slowfeat.odometry import NS, Stamps
from slowfeat_trainer.data.clock_offset import picture_shifts, turned_until
from slowfeat_trainer.motion.track import Track

# Shifts beyond these percentiles are taken as outliers, as in clock_offset.
OUTLIERS = (2, 98)


@dataclass(frozen=True)
class Shifts:
    """Adjacent frames at the beginning of a bag: their shift, and the turn made between them."""

    # (K,) seconds since the first frame, of the later frame.
    seconds: Array
    # (K,) share of the width by which the image moves, to the right positive.
    widths: Array
    # (K,) radians to the left: at the frames' own stamps, and with the clocks set right.
    turned: Array
    turned_right_clock: Array

    @property
    def correlation(self) -> float:
        """Of shift and turn with the clocks set right; a turn to the left
        moves the image to the right.
        """
        low, high = np.percentile(self.widths, OUTLIERS) if len(self.widths) else (0.0, 0.0)
        shift = np.clip(self.widths, low, high)
        if len(shift) < 2 or not (np.std(shift) > 0 and np.std(self.turned_right_clock) > 0):
            return 0.0
        return float(np.corrcoef(shift, self.turned_right_clock)[0, 1])


def shifts_of(
    frames: npt.NDArray[np.uint8], stamps: Stamps, track: Track, applied_s: float, found_s: float
) -> Shifts:
    """Compare frames (N, H, W, 3) of stamps (N,) in ns with a track of at least two poses.

    Args:
        frames: adjacent ones, in the order of time.
        stamps: their stamps.
        track: the source of motion.
        applied_s: seconds added to the track's stamps anyway.
        found_s: seconds that clock_offset would add.
    """
    if len(stamps) < 2:
        nothing = np.zeros(0)
        return Shifts(nothing, nothing, nothing, nothing)
    turned = turned_until(track.positions, track.quaternions, track.frame)
    t, odom_t = (stamps - stamps[0]) / NS, (track.stamps - stamps[0]) / NS
    steps = np.diff(t)
    near = steps <= 3 * np.median(steps)
    return Shifts(
        t[1:][near],
        (picture_shifts(frames) / frames.shape[2])[near],
        np.diff(np.interp(t - applied_s, odom_t, turned))[near],
        np.diff(np.interp(t - found_s, odom_t, turned))[near],
    )
