"""Which frames and pairs the page shows, by rules that do not look at how well they came out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from slowfeat_trainer.demo import live_measure as measure
from slowfeat_trainer.demo.demo_result import Result
from slowfeat_trainer.page.inline_images import evenly
from slowfeat_trainer.page.patterns import pairs_near_patterns

Index = npt.NDArray[np.int64]
SAMPLES = 8
EXAMPLES = 8


@dataclass(frozen=True)
class Choices:
    """What is shown."""

    # Index into the held-out part: sample frames, evenly spaced.
    samples: Index
    # Index into the result's pairs: evenly spaced in time, among the large motions where there are
    # some.
    examples: Index
    # Whether the examples are of large motions.
    large_only: bool
    # For each motion pattern the frames before and after of a pair of the earlier part that is near
    # to its centroid; None where there is none.
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
        pattern_pairs=pairs_near_patterns(result.bundle.info, result.material.earlier),
    )
