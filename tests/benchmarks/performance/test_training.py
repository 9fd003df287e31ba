"""The floor of training makes the updates that the loop makes."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from benchmarks.performance import training
from benchmarks.performance.guarded import Guarded
from slowfeat_trainer.config.train_config import config_of_preset
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.methods.training_set import TrainingSet
from slowfeat_trainer.training import loop

CONFIG = config_of_preset(
    "equiv_drlim", batch_size=8, reading=IngestOptions(image_size=(32, 32)), dimension=16
)
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> TrainingSet:
    return Guarded(tmp_path_factory.mktemp("guarded")).training_set(CONFIG)


def test_updates_in_memory_are_those_of_the_loop(data: TrainingSet, tmp_path: Path) -> None:
    config = replace(CONFIG, steps=training.BATCHES)
    torch.manual_seed(0)
    trained = loop.train(data, config, tmp_path)
    torch.manual_seed(0)
    floor = training.InMemory(data, config, CPU)
    for ours, theirs in zip(trained.parameters(), floor.method.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs)


def test_both_get_as_many_turns(data: TrainingSet) -> None:
    turns = training.compare(data, CONFIG, CPU, 2)
    assert [len(found) for found in turns.seconds.values()] == [2, 2]


def test_a_slow_loop_is_seen_to_be_slow(data: TrainingSet, monkeypatch: pytest.MonkeyPatch) -> None:
    draw = loop.draw_batch

    def slowly(*words: object) -> object:
        time.sleep(0.05)
        return draw(*words)  # type: ignore[arg-type]

    monkeypatch.setattr(loop, "draw_batch", slowly)
    turns = training.compare(data, CONFIG, CPU, 1)
    assert turns.speed("ours", "in memory").median < 0.7
