"""What a trial learns from, and what it is judged by."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from slowfeat.errors import BagError
from slowfeat_trainer.config.train_config import config_of_preset
from slowfeat_trainer.data.options import IngestOptions, SplitRule
from slowfeat_trainer.data.pairs import split_by_time
from slowfeat_trainer.data.recording import Recording
from slowfeat_trainer.ingest.ingest_bag import read_recording
from slowfeat_trainer.tuning.folds import (
    calibration_fold,
    cross_validation_folds,
    training_part,
)
from slowfeat_trainer.tuning.judging import Fold
from tests.helpers.bag_factory import BagRecipe, make_bag

READING = IngestOptions(image_size=(32, 32))


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    bag = make_bag(tmp_path_factory.mktemp("judging") / "drive", BagRecipe(frames=1200, rate=20.0))
    return read_recording(bag, READING)


@pytest.fixture(scope="module")
def fold(recording: Recording) -> Fold:
    return calibration_fold([recording], config_of_preset("drlim", reading=READING))


def test_folds_hold_each_frame_of_the_training_part_once_and_none_of_the_rest(
    recording: Recording,
) -> None:
    config = config_of_preset("drlim", reading=READING)
    folds = cross_validation_folds([recording], config, 3)
    train = split_by_time([recording], config.split.test, config.split.calibration).train
    held = np.concatenate([fold.held.stamps for fold in folds])
    np.testing.assert_array_equal(held, train.stamps)
    for fold in folds:
        assert not np.isin(fold.fit.stamps, fold.held.stamps).any()
        assert len(fold.fit) + len(fold.held) == len(train)
    # No pair of the middle fold's training crosses the gap that was cut.
    pairs = folds[1].fit.pairs_up_to(1.0)
    assert pairs.gap_s.max() < 1.3


def test_several_bags_are_held_whole(recording: Recording, tmp_path: Path) -> None:
    other = read_recording(make_bag(tmp_path / "other", BagRecipe(frames=240)), READING)
    folds = cross_validation_folds([recording, other], config_of_preset("drlim"), 5)
    parts = training_part([recording, other], SplitRule())
    assert [len(f.held) for f in folds] == [len(p) for p in parts]
    assert [len(f.fit) for f in folds] == [len(p) for p in parts[::-1]]


def test_too_short_a_block_is_refused_before_any_trial(recording: Recording) -> None:
    short = config_of_preset("drlim", split=SplitRule(test=0.9, calibration=0.05))
    with pytest.raises(BagError, match="at least 2 are needed to compare scenes"):
        calibration_fold([recording], short)
    with pytest.raises(BagError, match="fewer --folds"):
        cross_validation_folds([recording], config_of_preset("drlim"), 60)
