"""What a training draws its batches from, and the batches themselves.

A batch is a pure function of (seed, step): a run that was stopped continues with the batches it
would have had. Its groups of frames are drawn each by a generator of its own, and only when they
are asked for.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from slowfeat.errors import BagError
from slowfeat.geometry import Array, relative_motion
from slowfeat_trainer.config.train_config import TrainConfig
from slowfeat_trainer.data.cameras import Cameras
from slowfeat_trainer.data.labels import UNLABELLED, Labels
from slowfeat_trainer.data.motion_patterns import MotionPatterns, discover_patterns
from slowfeat_trainer.data.pairs import Index, Pairs, Part
from slowfeat_trainer.data.recording import Camera

# drlim's positives a batch, as a share of the pairs; every frame of the pairs is a negative for
# each.
NEIGHBOUR_SHARE = 0.5
# Gaps at which training pairs are formed, evenly spaced up to the largest.
GAPS = 8
# Turns that are known worse than NOISY_TURN, radians rms, make a pair rarer: to half at HALF_TURN.
NOISY_TURN, HALF_TURN = np.radians(3.0), np.radians(5.0)
# Frames between the views of a triplet, at most.
MAX_STRIDE = 3
# Frames between the views of a pair whose motion is to be classified from them, at most (J: lsm).
MAX_CLOSE = 7


@dataclass(frozen=True)
class TrainingSet:
    """What batches are drawn from."""

    part: Part
    # That the bundle is for: of the first bag.
    camera: Camera
    patterns: MotionPatterns
    pairs: Pairs
    # (P,) motion pattern of each pair, and the pairs of each pattern.
    pattern: Index
    members: list[Index]
    # (M,) frames that have a next frame in their block.
    starts: Index
    # (N,) how many frames follow each one in its block.
    ahead: Index
    # Classes of some frames, where the user gave them.
    labels: Labels | None
    # Of all bags, and which of them `camera` is.
    cameras: Cameras
    number: int = 0

    @cached_property
    def camera_of(self) -> Index:
        """(N,) number of the camera that saw each frame of the part."""
        return self.cameras.of_frames(self.part)

    @cached_property
    def weight(self) -> Array | None:
        """(P,) how often a pair is drawn, by how well its turn is known;
        None where all are known well.
        """
        if not len(self.part.yaw_noise):
            return None
        off = self.part.yaw_noise[self.pairs.before] * np.sqrt(self.pairs.gap_s)
        if float(off.max(initial=0.0)) <= NOISY_TURN:
            return None
        return np.asarray(1 / (1 + (off / HALF_TURN) ** 2))

    def of_camera(self, number: int) -> TrainingSet:
        """The same for one camera: its pairs alone; the motion patterns stay those of all."""
        if len(self.cameras) == 1:
            return self
        mine = self.camera_of[self.pairs.before] == number
        return dataclasses.replace(
            self,
            camera=self.cameras.distinct[number],
            number=number,
            pairs=self.pairs.take(mine),
            pattern=self.pattern[mine],
            members=[np.flatnonzero(self.pattern[mine] == g) for g in range(len(self.patterns))],
        )

    @classmethod
    def prepare(
        cls,
        part: Part,
        camera: Camera,
        config: TrainConfig,
        labels: Labels | None = None,
        cameras: Cameras | None = None,
    ) -> TrainingSet:
        """Find pairs and motion patterns in the training part.

        `cameras` are those of bags of several robots, `camera` the first of them.

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
        ahead, cameras = _ahead(part.block), cameras or Cameras((camera,))
        return cls(part, camera, patterns, pairs, pattern, members, starts, ahead, labels, cameras)


def _ahead(block: Index) -> Index:
    """How many frames follow each one in its block; blocks lie one behind the other."""
    ends = np.append(np.flatnonzero(np.diff(block)), len(block) - 1)
    index = np.arange(len(block))
    return np.asarray(ends[np.searchsorted(ends, index)] - index, dtype=np.int64)


@dataclass(frozen=True)
class Triplets:
    """Three frames each, some of them out of line."""

    # (T,) the first, second and third.
    first: Index
    second: Index
    third: Index
    # (T,) whether they are evenly spaced in time; of the others the third is any frame.
    is_even: npt.NDArray[np.bool_]


class Batch:
    """Frames of one step."""

    def __init__(self, data: TrainingSet, config: TrainConfig, step: int) -> None:
        self._data, self._config = data, config
        # Number of the step, from 0.
        self.step = step

    def generator(self, group: int) -> np.random.Generator:
        """The draws of one group of frames of this step."""
        return np.random.default_rng([self._config.seed, self.step, group])

    @cached_property
    def _pairs(self) -> Index:
        rng = self.generator(0)
        filled = [members for members in self._data.members if len(members)]
        # Patterns first, then a pair of each: a rare pattern is as often a positive as a frequent
        # one.
        groups = rng.integers(0, len(filled), self._config.batch_size)
        weight = self._data.weight
        if weight is None:
            return np.array([rng.choice(filled[g]) for g in groups])
        shares = [weight[members] / weight[members].sum() for members in filled]
        return np.array([rng.choice(filled[g], p=shares[g]) for g in groups])

    @property
    def before(self) -> Index:
        """(B,) the frames before a motion, balanced over the motion patterns."""
        return self._data.pairs.before[self._pairs]

    @property
    def after(self) -> Index:
        """(B,) the frames after it."""
        return self._data.pairs.after[self._pairs]

    @property
    def motions(self) -> Array:
        """(B, 6) the motion [m, rad]."""
        return self._data.pairs.motions[self._pairs]

    @property
    def pattern(self) -> Index:
        """(B,) its motion pattern."""
        return self._data.pattern[self._pairs]

    @cached_property
    def near(self) -> Index:
        """(K,) frames that have a next one."""
        count = max(2, round(self._config.batch_size * NEIGHBOUR_SHARE))
        return self.generator(1).choice(self._data.starts, count)

    @property
    def next(self) -> Index:
        """(K,) the next one of each."""
        return self.near + 1

    @cached_property
    def triplets(self) -> Triplets:
        """As many triplets as pairs, half of them even."""
        rng = self.generator(2)
        count = self._config.batch_size
        stride = rng.integers(1, MAX_STRIDE + 1, count)
        longest = np.flatnonzero(self._data.ahead >= 2 * MAX_STRIDE)
        first = rng.choice(longest, count)
        is_even = np.arange(count) % 2 == 0
        third = np.where(is_even, first + 2 * stride, rng.integers(0, len(self._data.part), count))
        return Triplets(first, first + stride, third, is_even)

    @cached_property
    def close(self) -> tuple[Index, Index]:
        """(B,) and (B,) frames at most a few frames apart (lsm)."""
        rng = self.generator(3)
        first = rng.choice(self._data.starts, self._config.batch_size)
        gap = rng.integers(1, MAX_CLOSE + 1, len(first))
        return first, first + np.minimum(gap, self._data.ahead[first])

    @property
    def close_motions(self) -> Array:
        """(B, 6) the motions between them."""
        first, second = self.close
        poses = self._data.part.poses
        return relative_motion(poses[first], poses[second])

    @cached_property
    def labelled(self) -> tuple[Index, Index]:
        """(B,) frames that have a class, balanced over the classes, and (B,) the class."""
        labels = self._data.labels
        if labels is None:
            raise BagError("this preset learns from labels: give them with --labels")
        rng = self.generator(4)
        there = np.unique(labels.of_frame[labels.of_frame != UNLABELLED])
        classes = rng.choice(there, self._config.batch_size)
        frames = [rng.choice(np.flatnonzero(labels.of_frame == c)) for c in classes]
        return np.array(frames), classes


def draw_batch(data: TrainingSet, config: TrainConfig, step: int) -> Batch:
    """The batch of a step: a pure function of (seed, step)."""
    return Batch(data, config, step)
