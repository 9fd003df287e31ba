"""Pairs of frames and the motion between them, and the split of a bag by time.

Laps leak: two random frames of a drive are near-copies, so a bag is split into blocks of time, never
at random frames, and no pair crosses from one block to another.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from slowfeat.geometry import Array, relative_motion
from slowfeat.odometry import NS, Stamps
from slowfeat_trainer.recording import Recording

Index = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Pairs:
    """Pairs of frames of one part."""

    # (P,) index of the frame before and of the frame after.
    before: Index
    after: Index
    # (P, 6) motion of the body [m, rad].
    motions: Array
    # (P,) time between the two, seconds.
    gap_s: Array

    def __len__(self) -> int:
        return len(self.before)

    def take(self, which: npt.NDArray[np.bool_] | Index) -> Pairs:
        """Those of a mask or of some indices."""
        return Pairs(self.before[which], self.after[which], self.motions[which], self.gap_s[which])

    def thinned(self, most: int) -> Pairs:
        """At most `most` pairs, evenly spaced."""
        return self.take(np.arange(0, len(self), -(-max(len(self), 1) // most)))


@dataclass(frozen=True)
class Part:
    """Blocks of time of one or more bags, one behind the other; a pair stays within its block."""

    # (N, H, W, 3) uint8 RGB.
    frames: npt.NDArray[np.uint8]
    # (N,) ns, increasing within a block.
    stamps: Stamps
    # (N, 4, 4) pose of the body in the world of its bag.
    poses: Array
    # (N,) which block a frame belongs to.
    block: Index

    def __len__(self) -> int:
        return len(self.stamps)

    @property
    def seconds(self) -> float:
        """Time covered, over all blocks."""
        ends = [self.stamps[self.block == b][[0, -1]] for b in np.unique(self.block)]
        return float(sum(end - start for start, end in ends)) / NS

    def following(self, gap_s: float) -> Index:
        """For each frame the index of the frame `gap_s` later in its block, or -1."""
        found = np.full(len(self), -1, dtype=np.int64)
        for b in np.unique(self.block):
            index = np.flatnonzero(self.block == b)
            after = following(self.stamps[index], gap_s)
            found[index] = np.where(after >= 0, index[after], -1)
        return found

    def pairs(self, before: Index, after: Index) -> Pairs:
        """The pairs of given frames, with their motions."""
        motions = relative_motion(self.poses[before], self.poses[after])
        return Pairs(before, after, motions, (self.stamps[after] - self.stamps[before]) / NS)

    def pairs_at_gap(self, gap_s: float) -> Pairs:
        """All pairs of frames `gap_s` seconds apart."""
        after = self.following(gap_s)
        before = np.flatnonzero(after >= 0)
        return self.pairs(before, after[before])

    def pairs_up_to(self, max_gap_s: float, steps: int = 4) -> Pairs:
        """Pairs at `steps` gaps evenly spaced up to `max_gap_s`."""
        parts = [self.pairs_at_gap(max_gap_s * (k + 1) / steps) for k in range(steps)]
        return self.pairs(
            np.concatenate([p.before for p in parts]), np.concatenate([p.after for p in parts])
        )


@dataclass(frozen=True)
class Split:
    """Three parts of some recordings, disjoint in time."""

    # Fits the network, the motion patterns and the maps.
    train: Part
    # Cut out of the end of the training part; chooses strengths and calibrates the expected error.
    calibration: Part
    # Never seen before the figures are reported.
    test: Part


def split_by_time(
    recordings: list[Recording], test: float = 0.4, calibration: float = 0.2
) -> Split:
    """Split each recording into training, calibration and test blocks, in this order of time.

    Args:
        recordings: at least one.
        test: share of a recording's frames in its test block, the last of the bag.
        calibration: share of the remaining frames that is cut out for calibration.
    """
    ends = []
    for recording in recordings:
        n = len(recording)
        fit = n - round(n * test)
        ends.append((fit - round(fit * calibration), fit, n))
    return Split(
        train=_gather(recordings, [(0, a) for a, _, _ in ends]),
        calibration=_gather(recordings, [(a, b) for a, b, _ in ends]),
        test=_gather(recordings, [(b, c) for _, b, c in ends]),
    )


def _gather(recordings: list[Recording], ranges: list[tuple[int, int]]) -> Part:
    pieces = list(zip(recordings, ranges, strict=True))
    return Part(
        frames=np.concatenate([r.frames[a:b] for r, (a, b) in pieces]),
        stamps=np.concatenate([r.stamps[a:b] for r, (a, b) in pieces]),
        poses=np.concatenate([r.poses[a:b] for r, (a, b) in pieces]),
        block=np.concatenate([np.full(b - a, k) for k, (_, (a, b)) in enumerate(pieces)]),
    )


def following(stamps: Stamps, gap_s: float, tolerance: float = 0.25) -> Index:
    """For each frame, the index of the frame `gap_s` later, or -1 where none is near that time.

    Args:
        stamps: (N,) increasing, ns.
        gap_s: time to look ahead, seconds.
        tolerance: how far off the found frame may be, as a share of `gap_s`.
    """
    if len(stamps) < 2:
        return np.full(len(stamps), -1, dtype=np.int64)
    target = stamps + round(gap_s * NS)
    right = np.clip(np.searchsorted(stamps, target), 1, len(stamps) - 1)
    left = right - 1
    nearest = np.where(target - stamps[left] <= stamps[right] - target, left, right)
    off = np.abs(stamps[nearest] - target)
    good = (off <= tolerance * gap_s * NS) & (nearest > np.arange(len(stamps)))
    return np.where(good, nearest, -1).astype(np.int64)
