"""What keeps a preset from the trivial solution of its objective, shown by taking it away."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from slowfeat_trainer.config.train_config import TrainConfig, config_of_preset
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.data.pairs import Split, split_by_time
from slowfeat_trainer.data.recording import Recording
from slowfeat_trainer.ingest.ingest_bag import read_recording
from slowfeat_trainer.methods import build_method
from slowfeat_trainer.methods.training_set import TrainingSet
from slowfeat_trainer.training.loop import train
from tests.helpers.bag_factory import BagRecipe, make_bag

READING = IngestOptions(image_size=(32, 32))


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    bag = make_bag(tmp_path_factory.mktemp("bags") / "drive", BagRecipe(frames=800, rate=20.0))
    return read_recording(bag, READING)


@pytest.fixture(scope="module")
def split(recording: Recording) -> Split:
    return split_by_time([recording], 0.3, 0.2)


def nondiscrete(**changes: object) -> TrainConfig:
    settings = {"reading": READING, "batch_size": 16, "dimension": 8, "steps": 150, **changes}
    return config_of_preset("equiv_drlim_nondiscrete", learning_rate=3e-3, **settings)


def spread_after_training(
    config: TrainConfig, recording: Recording, split: Split, run: Path
) -> float:
    """Spread of the code of held-out frames as a share of the untrained one's."""
    run.mkdir()
    data = TrainingSet.prepare(split.train, recording.camera, config)
    frames = torch.from_numpy(split.test.frames[:])
    untrained, trained = build_method(data, config), train(data, config, run)
    with torch.no_grad():
        before, after = untrained.encoder(frames), trained.encoder(frames)
    return float(after.std(dim=0).mean() / before.std(dim=0).mean())


@pytest.mark.slow
def test_continuous_equivariance_collapses_without_its_guard_and_not_with_it(
    recording: Recording, split: Split, tmp_path: Path
) -> None:
    """J, footnotes 5 and 6: eq. 13 has no negatives, so a code that says nothing wins it."""
    alone = spread_after_training(
        nondiscrete(terms={"equivariance_continuous": 1.0}), recording, split, tmp_path / "alone"
    )
    guarded = spread_after_training(nondiscrete(), recording, split, tmp_path / "guarded")
    assert alone < 0.01
    assert guarded > 1
