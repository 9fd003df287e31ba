"""Recordings of noise, and their cameras."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from slowfeat_trainer.config.train_config import TrainConfig, config_of_preset
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.data.recording import Camera, Recording

AHEAD = [0.1, 0.0, 0.3, 0.5, -0.5, 0.5, -0.5]
WIDE = Camera("eye", (160, 120), "rgb8", math.radians(90), extrinsic=AHEAD)


def recording(camera: Camera, digest: str, frames: int = 40) -> Recording:
    rng = np.random.default_rng(len(digest))
    poses = np.tile(np.eye(4), (frames, 1, 1))
    poses[:, 0, 3] = np.cumsum(rng.uniform(0, 0.1, frames))
    return Recording(
        Path(digest),
        digest,
        rng.integers(0, 256, (frames, 32, 32, 3), dtype=np.uint8),
        np.arange(frames) * 100_000_000,
        poses,
        np.zeros(frames, np.int32),
        camera,
        "base_link",
        "image",
        "odom",
    )


def settings(**changes: object) -> TrainConfig:
    reading = IngestOptions(image_size=(32, 32))
    sizes = {"map_rows": 4, "map_columns": 8, "batch_size": 8, "steps": 3}
    return config_of_preset("slowfeat", reading=reading, **{**sizes, **changes})
