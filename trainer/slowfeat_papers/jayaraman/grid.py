"""The grid of views, NORB's twin: what networks learn from, and on
which objects they are measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from slowfeat_papers.jayaraman.networks import (
    PAPERS_OPTIMISATION,
    Setting,
    atomic_patterns,
)
from slowfeat_papers.material.part import Bench
from slowfeat_papers.material.view_grid import (
    STEP_S,
    GridOfViews,
    Views,
    every_view,
    make_grid,
    walks,
)
from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.data.labels import UNLABELLED, Labels
from slowfeat_trainer.data.motion_patterns import MotionPatterns
from slowfeat_trainer.data.pairs import Index, Part, Split
from slowfeat_trainer.data.recording import Camera
from slowfeat_trainer.evaluation.labelled_images import LabelledImages
from slowfeat_trainer.metrics.equivariance import Matrix

# Walks that are learned from go on straight this often, so that there are even triplets (ssfa);
# those that are measured turn as often as they go on, so that composite motions are of all kinds.
STRAIGHT, TURNING = 0.7, 1 / 3
# Of the paper's grid, the rate at which equiv learns within few steps; temporal and drlim come
# close to one direction at it. The same for all methods (J22 has the others).
LEARNING_RATE = 0.01
LABELS_PER_OBJECT = 10
# Side of the images that are neighbours as pixels: grey, so that they are no longer than they
# need be.
PIXEL_SIDE = 16


@dataclass(frozen=True)
class GridBench:
    """Everything that experiments on the grid share."""

    grid: GridOfViews
    setting: Setting
    # Fit refitted maps, choose their strength, measure: three sets of objects.
    split: Split
    patterns: MotionPatterns
    # Those to be recognised, and all views of them.
    views: Views


def prepare(bench: Bench) -> GridBench:
    """Render the views, and walk."""
    grid = make_grid(bench.common, bench.pick(32, 96), 15, bench.pick(2, 3))
    steps = bench.pick(120, 240)
    setting = Setting(
        "grid", walks(grid, grid.known, steps, STRAIGHT, 0), camera(grid), settings(bench)
    )
    held = np.arange(len(grid.known)) % 5 == 4
    split = Split(
        train=walks(grid, grid.known[~held], steps, TURNING, 1),
        calibration=walks(grid, grid.known[held], steps, TURNING, 2),
        test=walks(grid, grid.unseen, steps, TURNING, 3),
    )
    views = every_view(grid, grid.labelled)
    return GridBench(grid, setting, split, atomic_patterns(split.train, 4), views)


def camera(grid: GridOfViews) -> Camera:
    """Square images."""
    return Camera(size=(grid.side, grid.side))


def settings(bench: Bench) -> dict[str, Any]:
    """What all methods have in common on the grid."""
    return {
        "encoder": "norb_fc",
        "dimension": 100,
        "max_gap_s": STEP_S,
        "patterns": 4,
        "drop_slowest": 0.0,
        "batch_size": bench.pick(64, 16),
        "steps": bench.pick(300, 50_000),
        "learning_rate": LEARNING_RATE,
        **PAPERS_OPTIMISATION,
    }


def few_labels(views: Views, seed: int) -> Index:
    """Some views of each object, drawn by the seed."""
    rng = np.random.default_rng([seed, 5])
    objects = np.unique(views.of_object)
    chosen = [
        rng.choice(np.flatnonzero(views.of_object == o), LABELS_PER_OBJECT, replace=False)
        for o in objects
    ]
    return np.sort(np.concatenate(chosen))


def with_labelled(part: Part, views: Views, chosen: Index) -> tuple[Part, Labels]:
    """A part and, behind it, labelled views that follow nothing: each is a block of its own."""
    classes = np.unique(views.of_object, return_inverse=True)[1][chosen]
    count = len(chosen)
    frames = FrameStack([part.frames[:], views.frames[chosen]])
    both = Part(
        frames=frames,
        stamps=np.concatenate([part.stamps, np.zeros(count, np.int64)]),
        poses=np.concatenate([part.poses, np.tile(np.eye(4), (count, 1, 1))]),
        block=np.concatenate([part.block, part.block.max() + 1 + np.arange(count)]),
    )
    of_frame = np.concatenate([np.full(len(part), UNLABELLED), classes]).astype(np.int64)
    return both, Labels([f"object {c}" for c in range(int(classes.max()) + 1)], of_frame)


def labelled_images(views: Views, seed: int) -> LabelledImages:
    """All views of the objects to be recognised, a random half of them as the bank."""
    is_bank = np.random.default_rng(seed).random(len(views.of_object)) < 0.5
    classes = np.unique(views.of_object, return_inverse=True)[1].astype(np.int64)
    names = [f"object {o}" for o in np.unique(views.of_object)]
    return LabelledImages(views.frames, classes, names, is_bank)


def grey_pixels(frames: FrameStack) -> Matrix:
    """Images shrunk to 16 x 16 grey as a code (N, 256), in [0, 1]."""
    small = [
        cv2.resize(f[..., 1], (PIXEL_SIDE, PIXEL_SIDE), interpolation=cv2.INTER_AREA)
        for f in frames
    ]
    return np.asarray(small, dtype=np.float32).reshape(len(frames), -1) / 255
