"""What a training draws its batches from: pairs balanced over motion patterns, neighbours in time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from slowfeat.errors import BagError
from slowfeat.geometry import Array
from slowfeat_trainer.config import TrainConfig
from slowfeat_trainer.motion_patterns import MotionPatterns, discover_patterns
from slowfeat_trainer.pairs import Index, Pairs, Part
from slowfeat_trainer.recording import Camera

# drlim's positives a batch, as a share of the pairs; every frame of the pairs is a negative for each.
NEIGHBOUR_SHARE = 0.5
# Gaps at which training pairs are formed, evenly spaced up to the largest.
GAPS = 8


@dataclass(frozen=True)
class TrainingSet:
    """What batches are drawn from."""

    part: Part
    # Of the first bag.
    camera: Camera
    patterns: MotionPatterns
    pairs: Pairs
    # (P,) motion pattern of each pair, and the pairs of each pattern.
    pattern: Index
    members: list[Index]
    # (M,) frames that have a next frame in their block.
    starts: Index

    @classmethod
    def prepare(cls, part: Part, camera: Camera, config: TrainConfig) -> TrainingSet:
        """Find pairs and motion patterns in the training part.

        Raises:
            BagError: too few pairs, or nothing moves.
        """
        pairs = part.pairs_up_to(config.max_gap_s, GAPS)
        if len(pairs) < 2 * config.batch_size:
            raise BagError(
                f"only {len(pairs)} pairs of frames at most {config.max_gap_s} s apart in "
                f"{part.seconds:.1f} s of training; at least {2 * config.batch_size} are needed: "
                "give more or longer bags, or a larger --max-gap"
            )
        patterns = discover_patterns(
            pairs.motions, config.patterns, config.drop_slowest, config.seed
        )
        pattern = patterns.assign(pairs.motions)
        members = [np.flatnonzero(pattern == g) for g in range(len(patterns))]
        starts = np.flatnonzero(part.block[:-1] == part.block[1:])
        return cls(part, camera, patterns, pairs, pattern, members, starts)


@dataclass(frozen=True)
class Batch:
    """Frames of one step: pairs balanced over the motion patterns, and neighbours in time."""

    # Indices of frames: (B,) before, (B,) after, (K,) at t and (K,) at t + 1.
    before: Index
    after: Index
    near: Index
    next: Index
    # (B,) motion pattern of each pair, and (B, 6) its motion [m, rad].
    pattern: Index
    motions: Array
    # Of whatever else is drawn for this batch.
    seed: tuple[int, ...]


def draw_batch(data: TrainingSet, config: TrainConfig, step: int) -> Batch:
    """The batch of a step: a pure function of (seed, step)."""
    rng = np.random.default_rng([config.seed, step])
    filled = [members for members in data.members if len(members)]
    # Patterns first, then a pair of each: a rare pattern is as often a positive as a frequent one.
    chosen = np.array(
        [rng.choice(filled[g]) for g in rng.integers(0, len(filled), config.batch_size)]
    )
    pairs = data.pairs.take(chosen)
    near = rng.choice(data.starts, max(2, round(config.batch_size * NEIGHBOUR_SHARE)))
    return Batch(
        before=pairs.before,
        after=pairs.after,
        near=near,
        next=near + 1,
        pattern=data.pattern[chosen],
        motions=pairs.motions,
        seed=(config.seed, step, 1),
    )
