"""Drives at 32 x 32, KITTI's twin: what networks learn from, and the
stretches that they are measured on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from slowfeat_papers.jayaraman.networks import PAPERS_OPTIMISATION, Setting
from slowfeat_papers.material.drive_frames import TRAIN_MAPS, Drives, make_drives
from slowfeat_papers.material.part import Bench
from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.data.labels import Labels
from slowfeat_trainer.data.motion_patterns import MotionPatterns, discover_patterns
from slowfeat_trainer.data.pairs import Part, Split, split_by_time
from slowfeat_trainer.data.recording import Recording
from slowfeat_trainer.evaluation.labelled_images import LabelledImages
from slowfeat_trainer.tuning.folds import joined

SIZE = (32, 32)
# J fn. 3: a car.
PATTERNS = 6
LEARNING_RATE = 0.01
MAPS = "held-out maps"
# Share of a drive, its first part, whose map is given; the rest is asked.
TOLD = 0.6


@dataclass(frozen=True)
class DriveBench:
    """Everything that experiments on drives share."""

    drives: Drives
    setting: Setting
    # By the name of what is held out: fits refitted maps, chooses their strength, is measured on.
    splits: dict[str, Split]
    patterns: dict[str, MotionPatterns]

    @property
    def simulated(self) -> list[Recording]:
        """The recordings of simulated maps that are learned from."""
        return self.drives.train[: len(TRAIN_MAPS)]


def prepare(bench: Bench) -> DriveBench:
    """Drive, and divide."""
    drives = make_drives(bench.common, bench.sources.bags, SIZE, bench.pick(60.0, 600.0))
    setting = Setting("drives", drives.train_part, drives.camera, settings(bench))
    splits = {}
    for number, (name, held_out) in enumerate(drives.held_out.items()):
        first = len(TRAIN_MAPS) + number - 1
        own = drives.train[: len(TRAIN_MAPS)] if name == MAPS else drives.train[first : first + 1]
        fit = split_by_time(own, 0.0, 0.2)
        splits[name] = Split(fit.train, fit.calibration, held_out)
    patterns = {
        name: discover_patterns(split.train.pairs_at_gap(0.5).motions, PATTERNS)
        for name, split in splits.items()
    }
    return DriveBench(drives, setting, splits, patterns)


def settings(bench: Bench) -> dict[str, Any]:
    """What all methods have in common on drives."""
    return {
        "encoder": "cuda_convnet",
        "dimension": 64,
        "max_gap_s": 1.0,
        "patterns": PATTERNS,
        "batch_size": 16,
        "steps": bench.pick(150, 50_000),
        "learning_rate": LEARNING_RATE,
        **PAPERS_OPTIMISATION,
    }


def place_labels(base: DriveBench, part: Part) -> Labels:
    """Which simulated map each frame of the training part is from; only
    of the frames that may be told.
    """
    keys = [recording.key for recording in base.simulated]
    of_frame = np.full(len(part), -1, dtype=np.int64)
    for number, key in enumerate(keys):
        mine = np.flatnonzero(part.source == key)
        of_frame[mine[: int(TOLD * len(mine))]] = number
    return Labels(list(TRAIN_MAPS), of_frame)


def places(base: DriveBench) -> LabelledImages:
    """Frames of the simulated maps with the map as class: of each drive the
    first share TOLD is the bank.
    """
    frames, classes, is_bank = [], [], []
    for number, recording in enumerate(base.simulated):
        keep = np.arange(0, len(recording), max(1, len(recording) // 300))
        frames.append(np.asarray(recording.frames[keep]))
        classes.append(np.full(len(keep), number, np.int64))
        is_bank.append(keep < int(TOLD * len(recording)))
    return LabelledImages(
        FrameStack(frames), np.concatenate(classes), list(TRAIN_MAPS), np.concatenate(is_bank)
    )


def simulated_part(base: DriveBench) -> Part:
    """The simulated drives that are learned from: only these may be shown."""
    return joined(base.simulated)
