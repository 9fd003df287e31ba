"""Motion patterns: the few kinds of motion that a robot makes (J section 3.1).

Each moving dimension is standardised, the slowest share of the pairs is dropped, and k-means finds
G clusters. J takes G about equal to the degrees of freedom (fn. 3), 6 for a car.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from slowfeat.errors import BagError
from slowfeat.geometry import Array

# A dimension whose spread is below this does not move: metres, radians.
STILL = np.array([0.01, 0.01, 0.01, 0.01, 0.01, 0.01])


@dataclass(frozen=True)
class MotionPatterns:
    """G motion patterns and the scale in which distances between motions are measured."""

    # (G, 6) mean motion of each pattern [m, rad].
    centroids: Array
    # (6,) standard deviation of the motions; 0 for a dimension that does not move.
    scale: Array
    # (6,) mean of the motions.
    mean: Array
    # (G,) pairs in each.
    counts: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.centroids)

    def standardise(self, motions: Array) -> Array:
        """Motions (..., 6) in standard deviations; 0 in the dimensions that do not move."""
        moving = self.scale > 0
        return np.where(moving, (motions - self.mean) / np.where(moving, self.scale, 1.0), 0.0)

    def assign(self, motions: Array) -> npt.NDArray[np.int64]:
        """Index (P,) of the nearest pattern of each motion (P, 6)."""
        difference = self.standardise(motions)[:, None] - self.standardise(self.centroids)[None]
        return np.asarray(np.argmin((difference**2).sum(axis=-1), axis=1), dtype=np.int64)


def motion_size(motions: Array, scale: Array) -> Array:
    """Length (P,) of motions (P, 6) in standard deviations of the moving dimensions."""
    moving = scale > 0
    return np.asarray(np.linalg.norm(motions[:, moving] / scale[moving], axis=1))


def discover_patterns(
    motions: Array, count: int = 6, drop_slowest: float = 0.2, seed: int = 0
) -> MotionPatterns:
    """Find motion patterns among the motions of the training pairs.

    Args:
        motions: (P, 6) [m, rad].
        count: G; fewer where there are fewer distinct motions.
        drop_slowest: share of the pairs, those with the smallest motions, that is left out.
        seed: of k-means.

    Raises:
        BagError: nothing moves.
    """
    spread = motions.std(axis=0)
    scale = np.where(spread > STILL, spread, 0.0)
    if not np.any(scale > 0):
        raise BagError(
            "the robot does not move in the training part: no motion spreads over more than "
            "1 cm or 0.6 deg; record a drive with turns"
        )
    mean = motions.mean(axis=0)
    size = motion_size(motions, scale)
    large = motions[size >= np.quantile(size, drop_slowest)]
    moving = scale > 0
    points = ((large - mean) / np.where(moving, scale, 1.0))[:, moving].astype(np.float32)
    count = min(count, len(np.unique(points, axis=0)))
    cv2.setRNGSeed(seed)
    criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 100, 1e-5)
    _, labels, _ = cv2.kmeans(points, count, np.array([]), criteria, 10, cv2.KMEANS_PP_CENTERS)
    label = labels[:, 0]
    counts = np.bincount(label, minlength=count).astype(np.int64)
    order = np.argsort(-counts, kind="stable")
    centroids = np.stack([large[label == g].mean(axis=0) for g in order])
    return MotionPatterns(centroids, scale, mean, counts[order])
