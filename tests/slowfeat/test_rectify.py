"""Undistorting and matching the field of view, against pinhole images made from the equations."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from slowfeat.camera_info import CameraModel, camera_from_info
from slowfeat.errors import ImageError
from slowfeat.rectify import Rectifier

SIZE = (120, 160)
ENCODER = (60, 80)
PLUMB_BOB = [-0.25, 0.08, 0.001, -0.001, 0.0]
RATIONAL = [0.4, -0.1, 0.0005, 0.0002, 0.01, 0.7, -0.05, 0.005]
EQUIDISTANT = [-0.02, 0.005, -0.002, 0.0004]


def info(**changes: Any) -> Any:
    """A camera_info of 160x120 with 80 degrees."""
    focal = 80 / math.tan(math.radians(40))
    values: dict[str, Any] = {
        "width": 160,
        "height": 120,
        "k": [focal, 0, 79.5, 0, focal, 59.5, 0, 0, 1],
        "d": [0.0] * 5,
        "distortion_model": "plumb_bob",
        "binning_x": 0,
        "binning_y": 0,
        "roi": SimpleNamespace(x_offset=0, y_offset=0, width=0, height=0),
    }
    return SimpleNamespace(**(values | changes))


def distort(x: Any, y: Any, model: str, d: list[float]) -> tuple[Any, Any]:
    """Where a ray (x, y, 1) meets the distorted image plane: the equations of each model."""
    r2 = x * x + y * y
    if model == "equidistant":
        r = np.sqrt(r2) + 1e-12
        theta = np.arctan(r)
        bent = theta * (1 + sum(k * theta ** (2 * i + 2) for i, k in enumerate(d)))
        return x * bent / r, y * bent / r
    k = [*d, 0.0, 0.0, 0.0][:8]
    radial = (1 + k[0] * r2 + k[1] * r2**2 + k[4] * r2**3) / (
        1 + k[5] * r2 + k[6] * r2**2 + k[7] * r2**3
    )
    return (
        x * radial + 2 * k[2] * x * y + k[3] * (r2 + 2 * x * x),
        y * radial + k[2] * (r2 + 2 * y * y) + 2 * k[3] * x * y,
    )


def scene(x: Any, y: Any) -> npt.NDArray[np.uint8]:
    """A smooth world: the colour that is seen along the ray (x, y, 1)."""
    planes = [
        128 + 100 * np.sin(5 * x + 1),
        128 + 100 * np.cos(6 * y),
        128 + 90 * np.sin(4 * x * y),
    ]
    return np.clip(np.stack(planes, axis=-1), 0, 255).astype(np.uint8)


def picture(camera: CameraModel, focal: float | None = None) -> npt.NDArray[np.uint8]:
    """What the camera sees; with `focal`, what a centred pinhole of
    that focal length sees instead.
    """
    v, u = np.mgrid[: camera.height, : camera.width].astype(np.float64)
    if focal is not None:
        return scene((u - (camera.width - 1) / 2) / focal, (v - (camera.height - 1) / 2) / focal)
    k = camera.matrix
    x_bent, y_bent = (u - k[0, 2]) / k[0, 0], (v - k[1, 2]) / k[1, 1]
    x, y = x_bent.copy(), y_bent.copy()
    for _ in range(50):  # invert the distortion by fixed point
        dx, dy = distort(x, y, camera.model, list(camera.distortion))
        x, y = x + 0.7 * (x_bent - dx), y + 0.7 * (y_bent - dy)
    return scene(x, y)


@pytest.mark.parametrize(
    ("model", "d"),
    [("plumb_bob", PLUMB_BOB), ("rational_polynomial", RATIONAL), ("equidistant", EQUIDISTANT)],
)
def test_undistorted_frame_is_a_pinholes(model: str, d: list[float]) -> None:
    camera = camera_from_info(info(distortion_model=model, d=d))
    rectifier = Rectifier(camera, "undistort", ENCODER, None)
    seen, straight = picture(camera), picture(camera, float(camera.matrix[0, 0]))
    inner = np.s_[25:-25, 35:-35]  # farther out the lens saw nothing
    off = np.abs(rectifier.apply(seen)[inner].astype(int) - straight[inner])
    assert off.mean() < 1.0
    assert np.abs(seen[inner].astype(int) - straight[inner]).mean() > 2.0
    assert model in rectifier.description


@pytest.mark.parametrize("wanted_deg", [50.0, 100.0])
def test_matched_frame_has_the_training_cameras_field_of_view(wanted_deg: float) -> None:
    camera = camera_from_info(info())
    wanted = math.radians(wanted_deg)
    rectifier = Rectifier(camera, "match", ENCODER, wanted)
    assert rectifier.share == pytest.approx(math.tan(wanted / 2) / math.tan(math.radians(40)))
    out = rectifier.apply(picture(camera))
    there = picture(camera, 80 / math.tan(wanted / 2))
    if wanted_deg < 80:
        assert np.abs(out.astype(int) - there).mean() < 1.5
        assert "cropped from 80.0 to 50.0 deg" in rectifier.description
    else:
        inside = np.s_[25:-25, 35:-35]
        assert np.abs(out[inside].astype(int) - there[inside]).mean() < 1.5
        assert not out[:5].any()
        assert not out[:, :5].any()
        assert "padded from 80.0 to 100.0 deg" in rectifier.description


def test_large_frames_are_shrunk_before_the_work_and_give_the_same() -> None:
    focal = 640 / math.tan(math.radians(40))
    k = [focal, 0, 639.5, 0, focal, 479.5, 0, 0, 1]
    large = camera_from_info(info(width=1280, height=960, k=k, d=PLUMB_BOB))
    rectifier = Rectifier(large, "undistort", (60, 80), None)
    out = rectifier.apply(picture(large))
    assert out.shape == (120, 160, 3)
    straight = picture(large, focal).reshape(120, 8, 160, 8, 3).mean(axis=(1, 3))
    assert np.abs(out[25:-25, 35:-35] - straight[25:-25, 35:-35]).mean() < 1.5


def test_nothing_to_do_leaves_the_frame_alone() -> None:
    camera = camera_from_info(info())
    image = picture(camera)
    for rectifier in (
        Rectifier(camera, "undistort", ENCODER, None),
        Rectifier(camera, "match", ENCODER, camera.horizontal_fov),
        Rectifier(camera, "match", ENCODER, None),
    ):
        assert rectifier.apply(image) is image
    assert "does not know" in rectifier.description


def test_region_of_interest_and_binning_move_the_matrix() -> None:
    roi = SimpleNamespace(x_offset=40, y_offset=20, width=80, height=60)
    camera = camera_from_info(info(roi=roi, binning_x=2, binning_y=2))
    assert (camera.width, camera.height) == (40, 30)
    assert camera.matrix[0, 2] == pytest.approx((79.5 - 40) / 2)
    assert camera.horizontal_fov == pytest.approx(2 * math.atan(40 / camera.matrix[0, 0] / 2))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"k": [0.0] * 9}, "calibrate the camera"),
        ({"k": [math.nan] * 9}, "calibrate the camera"),
        ({"width": 0}, "width and height"),
        ({"distortion_model": "thin_prism"}, "known are plumb_bob"),
        ({"d": [0.1, 0.2]}, "2 coefficients of plumb_bob"),
        ({"d": [math.inf] * 5}, "finite"),
    ],
)
def test_unusable_camera_info_is_refused_with_the_reason(
    changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ImageError, match=reason):
        camera_from_info(info(**changes))


def test_frame_of_another_shape_is_refused_and_of_another_size_taken() -> None:
    rectifier = Rectifier(camera_from_info(info(d=PLUMB_BOB)), "undistort", ENCODER, None)
    assert rectifier.apply(np.zeros((60, 80, 3), np.uint8)).shape == (60, 80, 3)
    with pytest.raises(ImageError, match="do not belong together"):
        rectifier.apply(np.zeros((120, 120, 3), np.uint8))
