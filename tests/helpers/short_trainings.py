"""A short bag, and settings of a training of a few steps."""

from __future__ import annotations

import pytest

from slowfeat_trainer.config.train_config import TrainConfig, config_of_preset
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.data.pairs import split_by_time
from slowfeat_trainer.ingest.ingest_bag import read_recording
from slowfeat_trainer.methods import training_set
from tests.helpers.bag_factory import make_bag


def config(preset: str = "equiv_drlim", **changes: object) -> TrainConfig:
    reading = IngestOptions(image_size=(32, 32))
    small = {"reading": reading, "dimension": 16, "batch_size": 16, "steps": 12}
    return config_of_preset(preset, **{**small, **changes})


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> training_set.TrainingSet:
    bag = make_bag(tmp_path_factory.mktemp("training") / "bag")
    recording = read_recording(bag, IngestOptions(image_size=(32, 32)))
    return training_set.TrainingSet.prepare(
        split_by_time([recording], 0.2, 0.2).train, recording.camera, config()
    )
