"""Pairs whose turn is hardly known are drawn more rarely."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest
import torch

from slowfeat.errors import BagError
from slowfeat.geometry import motion_matrix
from slowfeat_trainer.config.train_config import TrainConfig, config_of_preset
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.data.pairs import split_by_time
from slowfeat_trainer.data.recording import Camera, Recording
from slowfeat_trainer.ingest.ingest_bag import read_recording
from slowfeat_trainer.methods import build_method
from slowfeat_trainer.methods.training_set import TrainingSet, draw_batch
from tests.helpers.bag_factory import make_bag

NS = 1_000_000_000


def recording(name: str, noise_deg: float) -> Recording:
    frames = 300
    stamps = np.arange(1, frames + 1) * NS // 10
    turns = np.cumsum(0.05 * np.sin(np.arange(frames) / 3))
    motions = np.zeros((frames, 6))
    motions[:, 0], motions[:, 5] = 0.05 * np.arange(frames), turns
    return Recording(
        Path(name),
        name,
        np.zeros((frames, 2, 2, 3), np.uint8),
        stamps,
        motion_matrix(motions),
        np.zeros(frames, np.int32),
        Camera(),
        "base_link",
        "/image",
        "/odom",
        motion_noise_rad_sqrt_s=math.radians(noise_deg),
    )


def training_set(*noises_deg: float) -> TrainingSet:
    recordings = [recording(str(k), noise) for k, noise in enumerate(noises_deg)]
    return TrainingSet.prepare(split_by_time(recordings).train, Camera(), TrainConfig())


def test_turns_that_are_all_known_well_are_drawn_alike() -> None:
    assert training_set(0.5, 1.0).weight is None


def test_a_bag_with_noisy_turns_is_drawn_more_rarely() -> None:
    data = training_set(0.5, 30.0)
    config = dataclasses.replace(TrainConfig(), batch_size=64)
    drawn = np.concatenate([draw_batch(data, config, step).before for step in range(20)])
    noisy = np.mean(drawn >= len(data.part) // 2)
    assert 0.02 < noisy < 0.25
    # Of the noisy ones those over a short time are known best.
    weight, gap = data.weight, data.pairs.gap_s
    assert weight is not None
    second = data.pairs.before >= len(data.part) // 2
    assert weight[second & (gap < 0.2)].min() > weight[second & (gap > 0.9)].max()


def config(preset: str = "equiv_drlim", **changes: object) -> TrainConfig:
    reading = IngestOptions(image_size=(32, 32))
    small = {"reading": reading, "dimension": 16, "batch_size": 16, "steps": 12}
    return config_of_preset(preset, **{**small, **changes})


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> TrainingSet:
    bag = make_bag(tmp_path_factory.mktemp("training") / "bag")
    recording = read_recording(bag, IngestOptions(image_size=(32, 32)))
    return TrainingSet.prepare(
        split_by_time([recording], 0.2, 0.2).train, recording.camera, config()
    )


def weights(method: torch.nn.Module) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in method.parameters()])


def test_another_seed_gives_other_weights_and_batches(data: TrainingSet) -> None:
    a, b = config(seed=0), config(seed=1)
    assert not torch.equal(weights(build_method(data, a)), weights(build_method(data, b)))
    first, again = draw_batch(data, a, 3), draw_batch(data, a, 3)
    np.testing.assert_array_equal(first.before, again.before)
    assert not np.array_equal(first.before, draw_batch(data, b, 3).before)
    assert not np.array_equal(first.before, draw_batch(data, a, 4).before)


def test_rare_patterns_are_drawn_as_often_as_frequent_ones(data: TrainingSet) -> None:
    drawn = np.concatenate([draw_batch(data, config(batch_size=64), k).pattern for k in range(50)])
    share = np.bincount(drawn, minlength=len(data.patterns)) / len(drawn)
    np.testing.assert_allclose(share, 1 / len(data.patterns), atol=0.04)


def test_too_few_pairs_is_an_error_and_not_an_empty_data_set(
    data: TrainingSet,
) -> None:
    with pytest.raises(BagError, match=r"only \d+ pairs .*at least 20000"):
        TrainingSet.prepare(data.part, data.camera, config(batch_size=10000))
