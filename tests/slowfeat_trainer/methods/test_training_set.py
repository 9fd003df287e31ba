"""Pairs whose turn is hardly known are drawn more rarely."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import numpy as np

from slowfeat.geometry import motion_matrix
from slowfeat_trainer.config.train_config import TrainConfig
from slowfeat_trainer.data.pairs import split_by_time
from slowfeat_trainer.data.recording import Camera, Recording
from slowfeat_trainer.methods.training_set import TrainingSet, draw_batch

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
