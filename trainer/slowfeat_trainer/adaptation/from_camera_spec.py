"""A bundle for a robot of which only the camera is known: nothing is driven, and nothing is fitted.

What the default's transform must know of a robot is mostly its camera, and that stands in
camera_info and /tf_static, or on a data sheet. How far away things are is not known before a drive;
the usual distances of the starter weights do much better than one for all.
"""

from __future__ import annotations

import copy
import dataclasses
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from slowfeat.bundle import BUNDLE_FOLDER, TRANSFORM, Bundle, sha256, write_bundle
from slowfeat.bundle_info import BundleInfo, Frames
from slowfeat.errors import UsageError
from slowfeat.ownership import check_free
from slowfeat_trainer.adaptation.adapt_cameras import NAMES, Mounts
from slowfeat_trainer.adaptation.camera_fit import transform_of, warp_of
from slowfeat_trainer.adaptation.fit import Adapter
from slowfeat_trainer.adaptation.graph import around
from slowfeat_trainer.data.recording import Camera
from slowfeat_trainer.geometry.camera_geometry import CameraGeometry
from slowfeat_trainer.geometry.camera_model import unproject
from slowfeat_trainer.geometry.camera_spec import DataSheet
from slowfeat_trainer.geometry.geometry_of_camera import (
    USUAL_FOV,
    crop_camera,
    geometry_of,
    initial_lens,
)
from slowfeat_trainer.ingest.bundle_reading import reading_for, shrink_of
from slowfeat_trainer.ingest.read_camera import USUAL_BODY, Mounted, read_camera
from slowfeat_trainer.methods.starter_weights import FILE, load_starter
from slowfeat_trainer.motion.extrinsic import checked_extrinsic

# The source of a camera that no bag describes.
FLAGS = "flags"


def bundle_for_camera(
    bundle: Bundle, camera: Camera, source: str = FLAGS, body_frame: str = USUAL_BODY
) -> Bundle:
    """The bundle in memory as it should be for a camera; the encoder and the expected error's
    weights are its own.

    Args:
        bundle: learned elsewhere.
        camera: the robot's: its whole image, whatever the bundle's encoder cuts off.
        source: where the camera's description is from.
        body_frame: the frame whose motions will be given.

    Raises:
        UsageError: the bundle is adapted already.
    """
    refuse_adapted(bundle)
    warp = warp_of(bundle)
    if warp is None:
        transform = around(bundle.transform, _mounted(bundle.info, camera))
    else:
        geometry = geometry_of(crop_camera(camera, shrink_of(bundle.info)))
        with torch.no_grad():
            geometry.depth.copy_(usual_distances())
        transform = transform_of(bundle, warp, geometry)
    info = for_robot(bundle.info, source, body_frame, camera)
    info.sha256[TRANSFORM] = sha256(transform)
    # What was measured was measured on another robot.
    info.metrics = {}
    for pattern in info.motion_patterns:
        pattern.rho = None
    info.training["adapted"] = {
        "camera": {
            "horizontal_fov": camera.horizontal_fov,
            "mirror_xi": initial_lens(camera)[2],
            "extrinsic": camera.extrinsic,
            "from": source,
        }
    }
    return dataclasses.replace(bundle, info=info, transform=transform)


def refuse_adapted(bundle: Bundle) -> None:
    """Refuse to adapt twice.

    Raises:
        UsageError: the bundle is adapted already.
    """
    if "adapted" in bundle.info.training:
        raise UsageError(f"{bundle.path} is adapted already; adapt the bundle that it was made of")


def for_robot(info: BundleInfo, name: str, body_frame: str, camera: Camera) -> BundleInfo:
    """bundle.json for another robot: its name, frames and camera; the rest is a copy."""
    found = copy.deepcopy(info)
    found.name = f"{info.name}-{name}"
    found.frames = Frames(body_frame, camera.frame or Frames.camera, camera.extrinsic)
    found.horizontal_fov = camera.horizontal_fov
    found.image_bits = camera.bits
    return found


@cache
def usual_distances() -> Tensor:
    """Of log inverse distance over the image (4,), as the shipped starter weights have them."""
    return load_starter(FILE).tensors["warp.geometry.depth"]


def middle_share(geometry: CameraGeometry) -> float:
    """By what share of its width the middle of the image moves when
    the camera pans by one degree.
    """
    focal, mirror_xi = (x.detach() for x in geometry.lens())
    return float(focal[0] / (1 + mirror_xi)) / 2 * math.radians(1)


def _mounted(info: BundleInfo, camera: Camera) -> Adapter:
    """An adapter that knows mounts and fields of view, and has fitted nothing."""
    mounts = Mounts.of(
        (info.frames.extrinsic, info.horizontal_fov), (camera.extrinsic, camera.horizontal_fov)
    )
    ones = np.ones(len(NAMES))
    gain = np.ones(info.dimension, np.float32)
    return Adapter(ones, mounts.motion_map(ones), gain, np.zeros_like(gain), 1.0)


# -- as the command calls it ----------------------------------------------------------------------


@dataclass(frozen=True)
class DescribedBundle:
    """A bundle for a camera that was described, and the camera."""

    bundle: Bundle
    camera: Camera
    source: str

    def __str__(self) -> str:
        geometry = geometry_of(self.camera)
        focal, mirror_xi = (x.detach() for x in geometry.lens())
        edge = unproject(torch.tensor([1.0, 0.0]), focal, mirror_xi)
        across = 2 * math.degrees(math.atan2(float(edge[0]), float(edge[2])))
        lens = (
            "straight lines stay straight"
            if mirror_xi == 0
            else f"the lens has a mirror parameter xi of {mirror_xi:.2f}"
        )
        where = "at the body's origin, looking ahead"
        if self.camera.extrinsic is not None:
            where = "at " + " ".join(f"{x:g}" for x in self.camera.extrinsic[:3]) + " m in the body"
        return "\n".join(
            [
                (
                    f"camera of {self.source}: {across:.0f} degrees from left to right, {lens}; "
                    f"it sits {where}"
                ),
                (
                    "a pan of one degree moves the middle of the image by "
                    f"{100 * middle_share(geometry):.2f} % of its width"
                ),
                (
                    "nothing was fitted: as soon as there is a minute of driving, slowfeat adapt "
                    "with that bag does better"
                ),
                f"bundle: {self.bundle.path}",
            ]
        )


def tell_of_camera(
    bundle: Bundle,
    on: Path | None,
    sheet: DataSheet | None,
    out: Path,
    changes: dict[str, Any],
    overwrite: bool = False,
) -> tuple[DescribedBundle, list[str]]:
    """Write a bundle for a camera that a bag, or a data sheet, describes.

    Args:
        bundle: learned elsewhere.
        on: a bag of the robot's; None where there is only the data sheet.
        sheet: of the lens; it overrides what the bag says.
        out: folder of the new bundle.
        changes: how the bag is read, and where the camera sits.
        overwrite: replace a bundle that stands at `out`.

    Returns:
        The bundle, and warnings.

    Raises:
        UsageError: `out` exists, the bundle is adapted already, or nothing describes the camera.
        BagError: the bag cannot be used.
    """
    inputs = [bundle.path] if on is None else [bundle.path, on]
    check_free(out, BUNDLE_FOLDER, overwrite, inputs)
    refuse_adapted(bundle)
    options = reading_for(bundle.info, "", changes).options
    if on is not None:
        if not on.exists():
            raise UsageError(f"{on} does not exist; give a bag's folder or file")
        found, source = read_camera(on, options), on.name
        if sheet is not None:
            found.camera = sheet.put_into(found.camera)
    elif sheet is not None:
        pose = None if options.extrinsic is None else checked_extrinsic(options.extrinsic)
        found, source = Mounted(sheet.camera(pose), options.body_frame or USUAL_BODY), FLAGS
    else:
        raise UsageError("nothing describes the camera; give a BAG or --fov")
    if found.camera.horizontal_fov is None:
        usual = math.degrees(USUAL_FOV)
        found.warnings.append(
            f"no camera_info describes the lens; assumed to see {usual:.0f} degrees with a slight "
            "distortion; --fov overrides this"
        )
    new = bundle_for_camera(bundle, found.camera, source, found.body_frame)
    written = write_bundle(out, new.info, new.encoder, new.transform, overwrite, inputs)
    return DescribedBundle(written, found.camera, source), found.warnings
