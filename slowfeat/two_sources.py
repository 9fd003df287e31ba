"""Whether two publishers send the poses of one series by turns.

Of one robot the way over two steps is about twice the way over one. Where a second source, which
has drifted away, answers in between, each single step leads there or back, and the way over two is
short.
"""

from __future__ import annotations

import numpy as np

from slowfeat.geometry import Array

# Steps compared at a time, and the share of such windows that must alternate.
WINDOW, SHARE = 20, 0.3
# Way over two steps in units of that over one: 2 for a robot that drives, 1 for noise.
ALTERNATING, DRIVING = 0.8, 1.2
# Windows with less way than this say nothing, m and rad together.
LEAST_WAY = 0.02


def alternates(positions: Array, quaternions: Array) -> bool:
    """Whether poses (N, 3), (N, 4) in the order of time jump to and fro between two sources."""
    ratio = _way_ratio(positions, quaternions)
    if len(ratio) < 3 or float(np.mean(ratio < ALTERNATING)) < SHARE:
        return False
    # Noise alone makes every second pose no smoother than all of them.
    half = _way_ratio(positions[::2], quaternions[::2])
    return bool(len(half)) and float(np.median(half)) > DRIVING


def _way_ratio(positions: Array, quaternions: Array) -> Array:
    """Way over two steps by way over one, (W,), of each window that has any."""
    one, two = (_way(positions, quaternions, steps) for steps in (1, 2))
    count = len(two) // WINDOW
    if not count:
        return np.zeros(0)
    one = one[: count * WINDOW].reshape(count, WINDOW).sum(axis=1)
    two = two[: count * WINDOW].reshape(count, WINDOW).sum(axis=1)
    moving = one > LEAST_WAY
    return np.asarray(two[moving] / one[moving])


def _way(positions: Array, quaternions: Array, steps: int) -> Array:
    moved = np.linalg.norm(positions[steps:] - positions[:-steps], axis=1)
    cosine = np.abs(np.sum(quaternions[steps:] * quaternions[:-steps], axis=1))
    return np.asarray(moved + 2 * np.arccos(np.clip(cosine, 0.0, 1.0)))
