"""Each row of a batch is seen through its own camera."""

from __future__ import annotations

import numpy as np
import torch

from slowfeat_trainer.geometry.camera_geometry import CameraGeometry
from slowfeat_trainer.geometry.camera_rig import CameraRig


def test_a_rig_looks_through_each_rows_own_camera() -> None:
    geometries = [CameraGeometry((focal, 1.0), None) for focal in (0.7, 1.0, 2.0)]
    with torch.no_grad():
        geometries[2].tilt += 0.2
    which = np.array([2, 0, 0, 2, 0])  # of the second camera there is none
    motion, depth, zoom = 0.2 * torch.randn(5, 6), 0.1 * torch.randn(5, 4, 6), 1 + torch.rand(5)
    rig = CameraRig(geometries, which)
    with torch.no_grad():
        moved = rig.camera_motion(motion)
        where, inside = rig(moved, 4, 6, depth, zoom)
        for row, number in enumerate(which):
            one = slice(row, row + 1)
            own = geometries[number].camera_motion(motion[one])
            torch.testing.assert_close(moved[one], own)
            looks, sees = geometries[number](own, 4, 6, depth[one], zoom[one])
            torch.testing.assert_close(where[one], looks)
            torch.testing.assert_close(inside[one], sees)
