"""What a trial learns from and what it is judged by; the test part of
the recordings is in neither.
"""

from __future__ import annotations

import dataclasses
from itertools import pairwise
from pathlib import Path

import numpy as np

from slowfeat.errors import BagError, UsageError
from slowfeat_trainer.config.train_config import TrainConfig
from slowfeat_trainer.data.labels import UNLABELLED, classes_of_frames, label_frames
from slowfeat_trainer.data.options import SplitRule
from slowfeat_trainer.data.pairs import GAP_S, Part, held_out_bags, split_by_time, split_recordings
from slowfeat_trainer.data.recording import Recording
from slowfeat_trainer.data.scenes import segment_scenes
from slowfeat_trainer.evaluation.compare import MIN_PAIRS
from slowfeat_trainer.tuning.judging import Fold


def calibration_fold(recordings: list[Recording], config: TrainConfig) -> Fold:
    """The training part, judged on the calibration block (G: temporal coherence of its scenes).

    Raises:
        BagError: the calibration block is too short to have several scenes.
    """
    split = split_recordings(recordings, config.split)
    scenes = (
        int(segment_scenes(split.calibration.frames, split.calibration.block).max(initial=-1)) + 1
    )
    if scenes < 2:
        raise BagError(
            f"the calibration block of {split.calibration.seconds:.1f} s has {scenes} scene, at "
            "least 2 are needed to compare scenes: give more or longer bags, or a larger "
            "--calibration-fraction"
        )
    return _labelled(Fold(split.train, split.calibration), recordings, config)


def cross_validation_folds(
    recordings: list[Recording], config: TrainConfig, count: int
) -> list[Fold]:
    """The training part in `count` ways, each with another share of it held.

    Bags where there are several, else blocks of time: never random frames, for neighbours are
    near-copies.

    Raises:
        UsageError: labels that a fold lacks.
        BagError: a fold too short to be judged by.
    """
    parts = training_part(recordings, config.split)
    if len(parts) > 1:
        count = min(count, len(parts))
        held = [parts[k::count] for k in range(count)]
        fit = [[p for j, p in enumerate(parts) if j % count != k] for k in range(count)]
    else:
        whole = parts[0]
        edges = np.linspace(0, len(whole), count + 1).astype(int).tolist()
        held = [[cut(whole, a, b)] for a, b in pairwise(edges)]
        fit = [
            [piece for piece in (cut(whole, 0, a), cut(whole, b, len(whole))) if len(piece)]
            for a, b in pairwise(edges)
        ]
    folds = [Fold(joined(a), joined(b)) for a, b in zip(fit, held, strict=True)]
    folds = [_labelled(fold, recordings, config) for fold in folds]
    for number, fold in enumerate(folds, start=1):
        _refuse_useless(number, fold)
    return folds


def training_part(recordings: list[Recording], rule: SplitRule) -> list[Recording]:
    """What the rule leaves of each recording to train on."""
    out: set[str] = set()
    if rule.by == "bag":
        out = held_out_bags([r.sha256 for r in recordings], rule.test)
    found = []
    for recording in recordings:
        if recording.sha256 not in out:
            alone = split_by_time([recording], 0.0 if out else rule.test, rule.calibration)
            found.append(cut(recording, 0, len(alone.train)))
    return found


def cut(recording: Recording, start: int, stop: int) -> Recording:
    """A stretch of a recording; the frames stay where they are."""
    part = slice(start, stop)
    return dataclasses.replace(
        recording,
        frames=recording.frames[part],
        stamps=recording.stamps[part],
        poses=recording.poses[part],
        episode=recording.episode[part],
    )


def joined(pieces: list[Recording]) -> Part:
    """Recordings as one part: no pair crosses from one to the next."""
    # Everything is for training; the calibration share only has to be there.
    return split_by_time(pieces, 0.0, 0.0).train


def _labelled(fold: Fold, recordings: list[Recording], config: TrainConfig) -> Fold:
    if not config.labels:
        return fold
    path = Path(config.labels)
    return dataclasses.replace(
        fold,
        fit_labels=label_frames(path, recordings, fold.fit).of_frame,
        held_labels=classes_of_frames(path, recordings, fold.held).of_frame,
    )


def _refuse_useless(number: int, fold: Fold) -> None:
    if fold.held_labels is not None and fold.fit_labels is not None:
        shared = np.intersect1d(fold.held_labels, fold.fit_labels)
        if not len(shared[shared != UNLABELLED]):
            raise UsageError(
                f"fold {number} holds no labelled frames of a class that the others have: label "
                "more stretches, or give fewer --folds"
            )
        return
    pairs = len(fold.held.pairs_at_gap(GAP_S))
    if pairs < MIN_PAIRS:
        raise BagError(
            f"fold {number} of {fold.held.seconds:.1f} s has {pairs} pairs of frames {GAP_S} s "
            f"apart, at least {MIN_PAIRS} are needed: give longer bags or fewer --folds"
        )
