"""A short drive, and a method that has learned a little from it."""

from __future__ import annotations

import pytest

from slowfeat_trainer.data.pairs import split_by_time
from slowfeat_trainer.data.recording import Recording
from slowfeat_trainer.ingest.ingest_bag import read_recording
from slowfeat_trainer.methods.training_set import TrainingSet
from slowfeat_trainer.methods.warp.method import WarpMethod
from slowfeat_trainer.training.loop import train
from tests.helpers.bag_factory import BagRecipe, make_bag
from tests.helpers.small_training import READING, config


@pytest.fixture(scope="package")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    bag = make_bag(tmp_path_factory.mktemp("bags") / "drive", BagRecipe(frames=400, rate=20.0))
    return read_recording(bag, READING)


@pytest.fixture(scope="package")
def data(recording: Recording) -> TrainingSet:
    part = split_by_time([recording], 0.2, 0.2).train
    return TrainingSet.prepare(part, recording.camera, config(starter="none"))


@pytest.fixture(scope="package")
def donor(data: TrainingSet, tmp_path_factory: pytest.TempPathFactory) -> WarpMethod:
    method = train(data, config(starter="none", seed=3), tmp_path_factory.mktemp("donor"))
    assert isinstance(method, WarpMethod)
    return method
