"""A short drive, and a method that has learned a little from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from slowfeat_trainer.data.pairs import split_by_time
from slowfeat_trainer.data.recording import Recording
from slowfeat_trainer.ingest.ingest_bag import read_recording
from slowfeat_trainer.methods.rehearsal import Rehearsal
from slowfeat_trainer.methods.starter_weights import (
    Fit,
    Starter,
    load_starter,
    save_starter,
    weights_of,
)
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


@pytest.fixture(scope="package")
def rehearsal_file(
    donor: WarpMethod, recording: Recording, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Weights of the donor, its colours shifted, with clips of two drives to rehearse."""
    state = {name: tensor.clone() for name, tensor in donor.state_dict().items()}
    state["encoder.normalise.mean"] += 20
    path = tmp_path_factory.mktemp("weights") / "own.safetensors"
    again = Rehearsal.of([recording, recording], state)
    save_starter(path, Starter(weights_of(state), Fit.of(config()), {}, again))
    return path


@pytest.fixture(scope="package")
def rehearsal(rehearsal_file: Path) -> Rehearsal:
    found = load_starter(rehearsal_file).rehearsal
    assert found is not None
    return found
