"""Where a series of poses jumps: resets of its source, and single poses that are wrong."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from slowfeat.geometry import Array
from slowfeat.odometry import NS, Stamps

# No robot that this is for moves or turns faster.
MAX_SPEED = 30.0  # m/s
MAX_TURN_RATE = 30.0  # rad/s
# A step shorter than both is no jump, however close together its stamps are.
MIN_MOVE = 0.02  # m
MIN_TURN = 0.02  # rad


class Jumps(NamedTuple):
    """What is left of a series, and where it is broken."""

    # (N,) false for single poses that jump there and back.
    keep: npt.NDArray[np.bool_]
    # (J,) stamps of kept poses that lie a jump away from the kept pose before, ns.
    stamps: Stamps


def find_jumps(stamps: Stamps, positions: Array, quaternions: Array) -> Jumps:
    """Find the jumps in poses with strictly increasing stamps.

    Args:
        stamps: (N,) ns.
        positions: (N, 3) m.
        quaternions: (N, 4) unit quaternions [x y z w].
    """
    keep = np.ones(len(stamps), dtype=bool)
    every = np.arange(len(stamps))

    def jump(before: npt.NDArray[np.int64], after: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        gap_s = (stamps[after] - stamps[before]) / NS
        moved = np.linalg.norm(positions[after] - positions[before], axis=-1)
        cosine = np.abs(np.sum(quaternions[after] * quaternions[before], axis=-1))
        turned = 2 * np.arccos(np.clip(cosine, 0.0, 1.0))
        return np.asarray(
            ((moved > MAX_SPEED * gap_s) & (moved > MIN_MOVE))
            | ((turned > MAX_TURN_RATE * gap_s) & (turned > MIN_TURN))
        )

    jumps = jump(every[:-1], every[1:])
    if not jumps.any():
        return Jumps(keep, stamps[:0])
    there_and_back = np.flatnonzero(jumps[:-1] & jumps[1:]) + 1
    bridged = ~jump(there_and_back - 1, there_and_back + 1)
    for index in there_and_back[bridged]:
        # The pose after a wrong one also has a jump on both sides where the next is wrong again.
        if keep[index - 1]:
            keep[index] = False
    kept = np.flatnonzero(keep)
    return Jumps(keep, stamps[kept[1:]][jump(kept[:-1], kept[1:])])
