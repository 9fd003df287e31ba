"""What images and odometry say of the turns of a drive, side by side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from slowfeat.geometry import Array
from slowfeat_trainer.odometry_errors.fit_yaw import Windows

# Windows on which the line is fitted, and on which noise is told, seconds.
FIT_S, NOISE_S = 0.4, 0.5
# Stretches that are drawn again for standard errors, seconds.
STRETCH_S = 6.0


@dataclass(frozen=True)
class SeenTurns:
    """Turns that the images show, pair by pair: of adjacent ones the
    second begins where the first ends.
    """

    # (P,) seconds since the first image, of the first and of the second image of each pair.
    start: Array
    end: Array
    # (P,) radians to the left; and how well it is known, at most 1.
    yaw: Array
    weight: Array
    # (P,) mean length of the flow in pixels, and flow away from the middle.
    flow: Array
    ahead: Array

    def __len__(self) -> int:
        return len(self.yaw)


@dataclass(frozen=True)
class Reported:
    """What odometry says, over time."""

    # (M,) seconds since the first image, increasing.
    t: Array
    # (M,) radians turned to the left, and metres driven, since the first pose.
    turned: Array
    driven: Array
    # (J,) seconds at which the odometry jumped; no turn is known across.
    jumps: Array
    # (G, 2) seconds at which pauses of the odometry begin and end; no turn is known within.
    pauses: Array

    def turn(self, start: Array, end: Array, delay: float) -> Array:
        """Radians reported from `start` to `end`, of odometry that
        runs ahead by `delay` seconds.
        """
        return np.asarray(
            np.interp(end - delay, self.t, self.turned)
            - np.interp(start - delay, self.t, self.turned)
        )

    def distance(self, start: Array, end: Array, delay: float) -> Array:
        """Metres reported."""
        return np.asarray(
            np.interp(end - delay, self.t, self.driven)
            - np.interp(start - delay, self.t, self.driven)
        )

    def is_known(self, start: Array, end: Array, delay: float) -> npt.NDArray[np.bool_]:
        """Whether the odometry covers it without a jump."""
        inside = (start - delay >= self.t[0]) & (end - delay <= self.t[-1])
        jumps = np.searchsorted(self.jumps, [start - delay, end - delay])
        # Pauses that begin before the end, and do not end before the start.
        begun = np.searchsorted(self.pauses[:, 0], end - delay)
        over = np.searchsorted(self.pauses[:, 1], start - delay, side="right")
        return np.asarray(inside & (jumps[0] == jumps[1]) & (begun == over))


def windows_of(seen: SeenTurns, reported: Reported, delay: float, length_s: float) -> Windows:
    """Overlapping windows of `length_s` seconds, of adjacent pairs."""
    count = max(1, round(length_s / max(float(np.median(seen.end - seen.start)), 1e-3)))
    first = np.arange(max(len(seen) - count + 1, 0))
    last = first + count - 1
    start, end = seen.start[first], seen.end[last]
    sums = [np.concatenate([[0.0], np.cumsum(a)]) for a in (seen.yaw, seen.end - seen.start)]
    yaw, covered = (s[last + 1] - s[first] for s in sums)
    length = end - start
    # Pairs that do not join leave time uncovered.
    whole = (np.abs(covered - length) < 1e-3 * length) & reported.is_known(start, end, delay)
    first, last, start, end, yaw, length = (
        a[whole] for a in (first, last, start, end, yaw, length)
    )
    # A window is as good as the worst of its pairs.
    weight = np.ones(len(first))
    for k in range(count):
        weight = np.minimum(weight, seen.weight[first + k])
    beside = [(start - length, start), (end, end + length)]
    neighbours = sum(reported.turn(a, b, delay) for a, b in beside)
    known = np.all([reported.is_known(a, b, delay) for a, b in beside], axis=0)
    return Windows(
        start=start,
        seconds=length,
        seen=yaw,
        reported=reported.turn(start, end, delay),
        metres=reported.distance(start, end, delay),
        neighbours=np.where(known, neighbours, np.nan),
        block=(start // STRETCH_S).astype(np.int64),
        weight=weight,
    )
