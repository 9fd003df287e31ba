"""The geometry of a camera as far as a bag tells it, to start from."""

from __future__ import annotations

import dataclasses
import math

import torch

from slowfeat.geometry import pose_matrix
from slowfeat_trainer.ingest.chunks import Shrink
from slowfeat_trainer.models.camera_geometry import CameraGeometry
from slowfeat_trainer.recording import Camera

# Of a camera that no camera_info describes: 90 degrees.
USUAL_FOV = math.pi / 2


def geometry_of(camera: Camera) -> CameraGeometry:
    """The geometry that a bag tells of its camera, to start from.

    A lens that is known to bend comes with its bend; others start as a pinhole of square pixels. The optical axis is
    taken to meet the middle of the picture.
    """
    pose = camera.extrinsic
    T = None if pose is None else pose_matrix(pose[:3], pose[3:])
    if camera.lens is not None:
        fx, fy, bend = camera.lens
        geometry = CameraGeometry((fx, fy), T)
        with torch.no_grad():
            geometry.bend.fill_(bend)
        return geometry
    width, height = camera.size
    focal = 1 / math.tan((camera.horizontal_fov or USUAL_FOV) / 2)
    return CameraGeometry((focal, focal * width / height), T)


def cut(camera: Camera, shrink: Shrink) -> Camera:
    """The camera of what is left of its picture after a crop."""
    top, right, bottom, left = shrink.crop
    return dataclasses.replace(
        camera,
        horizontal_fov=shrink.field_of_view(camera.horizontal_fov),
        lens=shrink.lens(camera.lens),
        size=(
            round(camera.size[0] * (1 - left - right)),
            round(camera.size[1] * (1 - top - bottom)),
        ),
    )
