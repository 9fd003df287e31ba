"""The geometry is found from blurred images, camera by camera."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest

from slowfeat_trainer.config.train_config import TrainConfig, config_of_preset
from slowfeat_trainer.data.cameras import Cameras
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.data.pairs import split_by_time
from slowfeat_trainer.data.recording import Camera, Recording
from slowfeat_trainer.methods.training_set import TrainingSet
from slowfeat_trainer.methods.warp.method import WarpMethod

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


def test_cameras_are_calibrated_each_on_its_own_pairs() -> None:
    narrow = dataclasses.replace(WIDE, horizontal_fov=1.0)
    recordings = [recording(WIDE, "a"), recording(narrow, "bb")]
    part = split_by_time(recordings, 0.2, 0.2).train
    cameras = Cameras.of(recordings, recordings)
    data = TrainingSet.prepare(part, WIDE, settings(), cameras=cameras)
    assert sum(len(data.of_camera(k).pairs) for k in (0, 1)) == len(data.pairs)
    assert (data.camera_of[data.of_camera(1).pairs.before] == 1).all()
    assert data.of_camera(1).camera == narrow
    method = WarpMethod(data, settings())
    wide, other = (g.log_focal.detach().numpy() for g in method.geometries)
    assert other[0] == pytest.approx(-math.log(math.tan(0.5)))
    assert wide[0] == pytest.approx(0, abs=1e-6)
    warp = method.transforms(data.of_camera(1))["warp"]
    assert warp.geometry is not method.warp.geometry
