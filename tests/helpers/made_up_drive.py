"""A drive of random images with known poses: all that a batch, a term or a method
is drawn from, in milliseconds.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from slowfeat.odometry import NS
from slowfeat_trainer.config.train_config import TrainConfig, config_of_preset
from slowfeat_trainer.data.labels import Labels
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.data.pairs import split_by_time
from slowfeat_trainer.data.recording import Camera, Recording
from slowfeat_trainer.methods.training_set import TrainingSet

SIZE = (32, 32)
RATE_HZ = 10.0


def small_config(preset: str = "slowfeat", **changes: object) -> TrainConfig:
    """Batches of eight pairs, a code of eight numbers or a map of 2x4x8."""
    small = {
        "reading": IngestOptions(image_size=SIZE),
        "batch_size": 8,
        "dimension": 8,
        "map_channels": 2,
        "map_rows": 4,
        "map_columns": 8,
        "slow_dimension": 6,
        "patterns": 3,
        "steps": 4,
        "starter": "none",
    }
    return config_of_preset(preset, **{**small, **changes})


def made_up_recording(frames: int = 60, seed: int = 0) -> Recording:
    """Random images, seen while the body drives ahead and turns left and right."""
    rng = np.random.default_rng(seed)
    time_s = np.arange(frames) / RATE_HZ
    yaw = 0.8 * np.sin(time_s)
    poses = np.tile(np.eye(4), (frames, 1, 1))
    poses[:, 0, 0] = poses[:, 1, 1] = np.cos(yaw)
    poses[:, 1, 0], poses[:, 0, 1] = np.sin(yaw), -np.sin(yaw)
    poses[:, 0, 3] = 0.5 * time_s
    return Recording(
        path=Path("drive"),
        sha256=str(seed),
        frames=rng.integers(0, 256, (frames, *SIZE, 3), dtype=np.uint8),
        stamps=np.round(time_s * NS).astype(np.int64) + NS,
        poses=poses,
        episode=np.zeros(frames, np.int32),
        camera=Camera(size=(64, 64)),
        body_frame="base_link",
        image_topic="/image",
        odom_topic="/odom",
    )


def made_up_set(
    config: TrainConfig | None = None, frames: int = 60, labelled: bool = False
) -> TrainingSet:
    """What batches are drawn from; labelled, every third frame has one of two classes."""
    recording = made_up_recording(frames)
    part = split_by_time([recording], 0.0, 0.2).train
    labels = None
    if labelled:
        number = np.arange(len(part))
        labels = Labels(["left", "right"], np.where(number % 3 == 0, number // 3 % 2, -1))
    return TrainingSet.prepare(part, recording.camera, config or small_config(), labels)
