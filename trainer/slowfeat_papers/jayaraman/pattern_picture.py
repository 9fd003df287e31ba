"""The image of motion patterns (J fig. 1): what the robot does, with pairs of simulated frames."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from slowfeat.geometry import describe_motion
from slowfeat_papers.jayaraman.drive_views import PATTERNS, DriveBench, simulated_part
from slowfeat_papers.jayaraman.sheets import row_of_pictures, write_sheet
from slowfeat_trainer.data.motion_patterns import discover_patterns, motion_size

EXAMPLES = 3
# Random patterns that k-means is compared with.
RANDOM = 20


@dataclass(frozen=True)
class PatternPicture:
    """What the patterns are."""

    about: str
    says: str
    agrees: bool


def draw_patterns(base: DriveBench, file: Path) -> PatternPicture:
    """Find patterns in the simulated drives and draw pairs near to each."""
    part = simulated_part(base)
    pairs = part.pairs_up_to(1.0)
    patterns = discover_patterns(pairs.motions, PATTERNS)
    points = patterns.standardise(pairs.motions)
    size = motion_size(pairs.motions, patterns.scale)
    large = size >= np.quantile(size, 0.2)
    rows, words = [], []
    for g, centroid in enumerate(patterns.centroids):
        near = np.argsort(((points - patterns.standardise(centroid)) ** 2).sum(axis=1))
        chosen = _apart(pairs.before[near], near)
        shown = []
        for p in chosen:
            shown += [part.frames[[pairs.before[p]]][0], part.frames[[pairs.after[p]]][0]]
        words.append(describe_motion(centroid))
        rows.append(row_of_pictures(shown, f"{g + 1}: {words[-1]}", 2))
    write_sheet(file, rows)
    explained = _explained(points[large], patterns.standardise(patterns.centroids))
    rng = np.random.default_rng(0)
    guess = [
        _explained(points[large], points[large][rng.choice(large.sum(), PATTERNS, replace=False)])
        for _ in range(RANDOM)
    ]
    return PatternPicture(
        "Fig. 1: motion patterns of simulated drives, each with three pairs, before and after.",
        f"k-means finds {len(patterns)} patterns ({'; '.join(words)}), which leave "
        f"{explained:.0%} of the variance of the motions (as many pairs drawn at random as "
        f"patterns: {np.mean(guess):.0%}).",
        explained < float(np.mean(guess)),
    )


def _explained(points: npt.NDArray[np.float64], centres: npt.NDArray[np.float64]) -> float:
    """Share of the variance that is left about the nearest centre."""
    left = ((points[:, None] - centres[None]) ** 2).sum(axis=-1).min(axis=1).mean()
    return float(left / points.var(axis=0).sum())


def _apart(before: npt.NDArray[np.int64], order: npt.NDArray[np.int64]) -> list[int]:
    """The first few of a ranking that are at different times."""
    kept: list[int] = []
    frames: list[int] = []
    for p, frame in zip(order, before, strict=True):
        if all(abs(int(frame) - other) > 40 for other in frames):
            kept.append(int(p))
            frames.append(int(frame))
        if len(kept) == EXAMPLES:
            break
    return kept
