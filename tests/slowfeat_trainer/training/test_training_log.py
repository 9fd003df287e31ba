"""What a training leaves of its course."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from slowfeat_trainer.config.train_config import TrainConfig, config_of_preset
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.data.pairs import split_by_time
from slowfeat_trainer.ingest.ingest_bag import read_recording
from slowfeat_trainer.methods import training_set
from slowfeat_trainer.training import loop as training
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


def test_the_log_is_there_for_tensorboard_too(
    data: training_set.TrainingSet, tmp_path: Path
) -> None:
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    training.train(data, config(steps=40), tmp_path)
    events = accumulator.EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    assert [e.step for e in events.Scalars("drlim")] == [20, 40]
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [e.value for e in events.Scalars("drlim")] == pytest.approx(
        [x["drlim"] for x in lines], abs=1e-5
    )
    assert {"data_s", "update_s"} <= set(lines[0])
