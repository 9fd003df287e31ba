"""The geometry is found from blurred images, camera by camera."""

from __future__ import annotations

import dataclasses
import math

import pytest

from slowfeat_trainer.data.cameras import Cameras
from slowfeat_trainer.data.pairs import split_by_time
from slowfeat_trainer.methods.training_set import TrainingSet
from slowfeat_trainer.methods.warp.method import WarpMethod
from tests.helpers.made_recordings import WIDE, recording, settings


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
