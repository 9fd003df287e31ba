"""What a training leaves of its course."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from slowfeat_trainer.methods import training_set
from slowfeat_trainer.training import loop as training
from tests.helpers.short_trainings import config


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
