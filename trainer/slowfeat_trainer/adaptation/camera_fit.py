"""The default's transform for another camera: its learned weights, taken from the bundle, and a
geometry calibrated anew.

A warp is geometry with some learned weights around it, and the geometry is the camera's. In
transform.onnx that is folded into constants, but the weights stand there by name.
"""

from __future__ import annotations

import math

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor

from slowfeat.bundle import Bundle
from slowfeat.errors import BundleError
from slowfeat_trainer.bundling.export_onnx import PROBE, export_transform
from slowfeat_trainer.bundling.fit_transform import MotionData, calibrate
from slowfeat_trainer.data.motion_patterns import MotionPatterns
from slowfeat_trainer.data.pairs import Pairs, Part
from slowfeat_trainer.data.recording import Camera
from slowfeat_trainer.data.shrink import Shrink
from slowfeat_trainer.device.frame_source import FrameSource
from slowfeat_trainer.geometry.camera_geometry import CameraGeometry
from slowfeat_trainer.geometry.geometry_of_camera import crop_camera, geometry_of
from slowfeat_trainer.methods.warp.calibration import calibrate_geometry
from slowfeat_trainer.models.transform import TransformWithError
from slowfeat_trainer.models.warp_transform import WarpTransform

PREFIX = "transform."
# Of TransformWithError, what a transform that is geometric uses: range and weights of the expected
# error.
OF_ERROR = ("reach", "coefficients", "guess")
BATCH = 64


def warp_of(bundle: Bundle) -> WarpTransform | None:
    """The warp in a bundle's transform, without its camera; None where
    it holds another kind of map.
    """
    found = {
        name.removeprefix(PREFIX): tensor
        for name, tensor in _initialisers(bundle).items()
        if name.startswith(PREFIX)
    }
    if "depth_head.weight" not in found or "window" not in found:
        return None
    shape = (found["depth_head.weight"].shape[1], *found["window"].shape)
    last = found.get("slow.change.2.bias")
    slow = 0 if last is None else len(last)
    warp = WarpTransform(
        CameraGeometry((1.0, 1.0), None),
        (shape[0], shape[1], shape[2]),
        np.ones((1, 6)),
        hidden=len(found["correct.0.bias"]),
        slow=slow,
    )
    missing, _ = warp.load_state_dict(
        {n: t for n, t in found.items() if not n.startswith("geometry.")}, strict=False
    )
    complete = all(name.startswith("geometry.") for name in missing)
    return warp if complete and bundle.info.dimension == math.prod(warp.shape) + slow else None


def transform_of(bundle: Bundle, warp: WarpTransform, geometry: CameraGeometry) -> bytes:
    """transform.onnx of a bundle's warp for another camera; the expected error is that of the
    bundle.

    Args:
        bundle: the warp's.
        warp: its learned weights; its geometry is replaced.
        geometry: of the other camera.

    Raises:
        BundleError: the bundle's expected error cannot be read.
    """
    warp.geometry = geometry
    module = TransformWithError(
        warp, np.zeros((1, 6)), np.zeros(6), np.zeros(TransformWithError.FEATURES), 0.0
    )
    own = _initialisers(bundle)
    missing = [name for name in OF_ERROR if name not in own]
    if missing:
        raise BundleError(
            f"{bundle.path}: transform.onnx lacks {', '.join(missing)} of the expected error; "
            "train again"
        )
    module.load_state_dict({name: own[name] for name in OF_ERROR}, strict=False)
    # Embeddings of the default have a mean squared norm of 1.
    dimension = bundle.info.dimension
    probe = np.random.default_rng(0).normal(0, dimension**-0.5, (PROBE, dimension))
    return export_transform(module, dimension, probe.astype(np.float32))


def _initialisers(bundle: Bundle) -> dict[str, Tensor]:
    """The constants of a bundle's transform by name."""
    graph = onnx.load_from_string(bundle.transform).graph
    return {i.name: torch.tensor(numpy_helper.to_array(i)) for i in graph.initializer}


def recalibrated(
    warp: WarpTransform,
    camera: Camera,
    shrink: Shrink,
    part: Part,
    pairs: Pairs,
    data: tuple[MotionData, MotionData],
    patterns: MotionPatterns,
) -> bytes:
    """transform.onnx of a warp for another camera.

    Args:
        warp: the learned weights; its geometry is replaced.
        camera: as the robot's bag describes it.
        shrink: what the bundle's encoder cuts off a frame.
        part: the robot's frames, whole.
        pairs: of them.
        data: embeddings before and after of pairs to fit, and of later ones to calibrate the
            expected error by.
        patterns: of the robot's motions.
    """
    warp.geometry = geometry_of(crop_camera(camera, shrink))
    frames = FrameSource(part.frames.cut(shrink.corner, shrink.size), torch.device("cpu"))
    calibrate_geometry(warp.geometry, frames, pairs, BATCH, 0)
    fit, calibration = data
    module = calibrate(warp, calibration, patterns, fit.motions)
    return export_transform(module, fit.before.shape[1], fit.before)
