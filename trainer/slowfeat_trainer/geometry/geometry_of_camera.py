"""The geometry of a camera as far as a bag describes it, to start from."""

from __future__ import annotations

import torch

from slowfeat.geometry import pose_matrix
from slowfeat_trainer.data.recording import Camera
from slowfeat_trainer.geometry.camera_geometry import CameraGeometry
from slowfeat_trainer.geometry.known_lens import USUAL_FOV, USUAL_XI, crop_camera, initial_lens

__all__ = ["USUAL_FOV", "USUAL_XI", "crop_camera", "geometry_of", "initial_lens"]


def geometry_of(camera: Camera) -> CameraGeometry:
    """The geometry that a bag gives for its camera, to start from.

    The optical axis is taken to meet the middle of the image.
    """
    pose = camera.extrinsic
    T = None if pose is None else pose_matrix(pose[:3], pose[3:])
    fx, fy, mirror_xi = initial_lens(camera)
    geometry = CameraGeometry((fx, fy), T)
    with torch.no_grad():
        geometry.mirror_xi.fill_(mirror_xi)
    return geometry
