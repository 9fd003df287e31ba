"""The geometry of a camera as far as a bag tells it, to start from."""

from __future__ import annotations

import math

from slowfeat.geometry import pose_matrix
from slowfeat_trainer.models.camera_geometry import CameraGeometry
from slowfeat_trainer.recording import Camera

# Of a camera that no camera_info describes: 90 degrees.
USUAL_FOV = math.pi / 2


def geometry_of(camera: Camera) -> CameraGeometry:
    """The geometry that a bag tells of its camera, to start from."""
    width, height = camera.size
    focal = 1 / math.tan((camera.horizontal_fov or USUAL_FOV) / 2)
    pose = camera.extrinsic
    T = None if pose is None else pose_matrix(pose[:3], pose[3:])
    return CameraGeometry((focal, focal * width / height), T)
