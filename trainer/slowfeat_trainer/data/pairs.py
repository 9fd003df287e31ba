"""Pairs of frames and the motion between them, and the split of a bag by time.

Laps leak: two random frames of a drive are near-copies, so a bag is split into blocks of time,
never at random frames, and no pair crosses from one block to another.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from slowfeat.errors import UsageError
from slowfeat.geometry import Array, relative_motion
from slowfeat.odometry import NS, Stamps
from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.data.options import SplitRule
from slowfeat_trainer.data.recording import Recording

Index = npt.NDArray[np.int64]
# Seconds between the two frames of a pair that metrics are taken on.
GAP_S = 0.5


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
    frames: FrameStack
    # (N,) ns, increasing within a block.
    stamps: Stamps
    # (N, 4, 4) pose of the body in the world of its bag.
    poses: Array
    # (N,) which block a frame belongs to.
    block: Index
    # (N,) the `key` of the recording that a frame is of; empty where nobody asks.
    source: Index = field(default_factory=lambda: np.zeros(0, np.int64))
    # (N,) standard deviation of the turns of its recording after one second, radians; empty where
    # nobody asks.
    yaw_noise: Array = field(default_factory=lambda: np.zeros(0))

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


def split_recordings(
    recordings: list[Recording], rule: SplitRule, of: Collection[int] | None = None
) -> Split:
    """Split recordings into training, calibration and test part by a dataset's rule.

    With `of`, keys of recordings, the parts hold what falls to these; the division is the same.
    """
    if rule.by == "bag":
        return split_by_bag(recordings, rule.test, rule.calibration, of)
    mine = [r for r in recordings if of is None or r.key in of]
    return split_by_time(mine, rule.test, rule.calibration)


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


def split_by_bag(
    recordings: list[Recording], test: float, calibration: float, of: Collection[int] | None = None
) -> Split:
    """Whole recordings for the test; calibration is cut out of the end of each of the others."""
    chosen = held_out_bags([recording.sha256 for recording in recordings], test)
    recordings = [r for r in recordings if of is None or r.key in of]
    test_part = [r for r in recordings if r.sha256 in chosen]
    rest = split_by_time([r for r in recordings if r.sha256 not in chosen], 0.0, calibration)
    # A part of no bags has no frames to stand for: the last bag, none of it.
    held_out = _gather(test_part, [(0, len(r)) for r in test_part]) if test_part else rest.test
    return Split(rest.train, rest.calibration, held_out)


def held_out_bags(digests: list[str], share: float) -> set[str]:
    """Which bags are for the test: by their hashes, so that no order of the bags decides it.

    Raises:
        UsageError: one bag cannot be divided by bags.
    """
    if not share:
        return set()
    if len(set(digests)) < 2:
        raise UsageError(
            "--split bag needs at least two bags; --split time cuts each bag's end off"
        )
    count = min(max(1, round(share * len(digests))), len(digests) - 1)
    return set(sorted(digests)[:count])


def _gather(recordings: list[Recording], ranges: list[tuple[int, int]]) -> Part:
    pieces = list(zip(recordings, ranges, strict=True))
    # A block is an episode of a bag: no motion is known from one to the next.
    blocks, count = [], 0
    for recording, (start, stop) in pieces:
        found, block = np.unique(recording.episode[start:stop], return_inverse=True)
        blocks.append(block + count)
        count += len(found)
    return Part(
        frames=FrameStack([r.frames[a:b] for r, (a, b) in pieces]),
        stamps=np.concatenate([r.stamps[a:b] for r, (a, b) in pieces]),
        poses=np.concatenate([r.poses[a:b] for r, (a, b) in pieces]),
        block=np.concatenate(blocks),
        source=np.concatenate([np.full(b - a, r.key, np.int64) for r, (a, b) in pieces]),
        yaw_noise=np.concatenate(
            [np.full(b - a, r.motion_noise_rad_sqrt_s) for r, (a, b) in pieces]
        ),
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
