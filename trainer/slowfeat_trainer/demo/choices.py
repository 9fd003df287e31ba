"""Which frames and pairs the page shows, by rules that do not look at how well they came out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from slowfeat_trainer.demo import measure
from slowfeat_trainer.demo.result import Result
from slowfeat_trainer.evaluation.compare import GAP_S
from slowfeat_trainer.page.pictures import evenly

Index = npt.NDArray[np.int64]
SAMPLES = 8
EXAMPLES = 8


@dataclass(frozen=True)
class Choices:
    """What is shown."""

    # Index into the held-out part: sample frames, evenly spaced.
    samples: Index
    # Index into the result's pairs: evenly spaced in time, among the large motions where there are some.
    examples: Index
    # Whether the examples are of large motions.
    large_only: bool
    # For each motion pattern the frames before and after of a pair of the earlier part that is near to its
    # centroid; None where there is none.
    pattern_pairs: list[tuple[int, int] | None]


def choose(result: Result) -> Choices:
    """Choose by time and by motion only."""
    large = np.flatnonzero(measure.is_large(result.predictions.motions))
    large_only = len(large) >= EXAMPLES
    pool = large if large_only else np.arange(len(result.before))
    return Choices(
        samples=result.seen[evenly(len(result.seen), SAMPLES)],
        examples=pool[evenly(len(pool), EXAMPLES)],
        large_only=large_only,
        pattern_pairs=_pattern_pairs(result),
    )


def _pattern_pairs(result: Result) -> list[tuple[int, int] | None]:
    info, part = result.bundle.info, result.material.earlier
    # Patterns are means over gaps of up to a second; look at all of them.
    gaps = (GAP_S / 2, GAP_S, 1.5 * GAP_S, 2 * GAP_S)
    found = [part.pairs_at_gap(gap) for gap in gaps] if len(part) > 1 else []
    if not any(len(pairs) for pairs in found):
        return [None] * len(info.motion_patterns)
    motions = np.concatenate([pairs.motions for pairs in found])
    before = np.concatenate([pairs.before for pairs in found])
    after = np.concatenate([pairs.after for pairs in found])
    extent = np.array(info.motion_max) - np.array(info.motion_min)
    scale = np.where(extent > 1e-6, extent, np.inf)
    chosen: list[tuple[int, int] | None] = []
    for pattern in info.motion_patterns:
        distance = (((motions - np.array(pattern.centroid)) / scale) ** 2).sum(axis=1)
        best = int(np.argmin(distance))
        chosen.append((int(before[best]), int(after[best])))
    return chosen
