"""Polynomials of a calibration as the unified model: its rays must be those of the lens."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch

from slowfeat.camera_info import CameraModel
from slowfeat_trainer.geometry.camera_model import unproject
from slowfeat_trainer.geometry.lens_of_camera import fit_unified, lens_of

WIDTH, HEIGHT = 640, 480


def camera(focal: float, model: str, *distortion: float, centre: float = 320.0) -> CameraModel:
    K = np.array([[focal, 0, centre], [0, 1.01 * focal, 240], [0, 0, 1]])
    return CameraModel(WIDTH, HEIGHT, K, model, np.array(distortion))


def true_rays(given: CameraModel, pixels: np.ndarray) -> np.ndarray:
    """OpenCV's own way back, (P, 2) pixels to (P, 3) rays of length one."""
    undistort = cv2.fisheye if given.model == "equidistant" else cv2
    exact = (cv2.TERM_CRITERIA_COUNT + cv2.TERM_CRITERIA_EPS, 200, 1e-9)
    flat = undistort.undistortPoints(
        pixels[:, None], given.matrix, given.distortion, criteria=exact
    )[:, 0]
    rays = np.concatenate([flat, np.ones((len(flat), 1))], axis=1)
    return np.asarray(rays / np.linalg.norm(rays, axis=1, keepdims=True))


def degrees_off(given: CameraModel, lens: list[float]) -> np.ndarray:
    """Angles between the rays of pixels all over the image and those of a lens."""
    x, y = np.meshgrid(np.linspace(2, WIDTH - 2, 33), np.linspace(2, HEIGHT - 2, 25))
    pixels = np.stack([x.ravel(), y.ravel()], axis=1)
    points = torch.tensor((pixels - [WIDTH / 2, HEIGHT / 2]) / [WIDTH / 2, HEIGHT / 2])
    found = unproject(points, torch.tensor(lens[:2]), torch.tensor(lens[2])).numpy()
    cosine = (found * true_rays(given, pixels)).sum(axis=1)
    return np.degrees(np.arccos(np.clip(cosine, -1, 1)))


@pytest.mark.parametrize(
    "given",
    [
        camera(600.0, "equidistant", 0.0, 0.0, 0.0, 0.0),
        # Its corners are 76 degrees off the axis.
        camera(300.0, "equidistant", 0.0, 0.0, 0.0, 0.0),
        camera(459.0, "plumb_bob", -0.283, 0.074, 0.0, 0.0),
        camera(517.0, "plumb_bob", 0.05, -0.05, 0.0, 0.0, 0.0),
        camera(400.0, "rational_polynomial", 1.2, 0.3, 0.0, 0.0, 0.01, 1.5, 0.6, 0.05),
    ],
)
def test_the_rays_of_a_lens_are_found_to_half_a_degree(given: CameraModel) -> None:
    lens = lens_of(given)
    assert lens is not None
    assert degrees_off(given, lens).max() < 0.5
    # A pinhole of the same focal length, which is what was taken before, is further off.
    pinhole = [2 * given.matrix[0, 0] / WIDTH, 2 * given.matrix[1, 1] / HEIGHT, 0.0]
    assert degrees_off(given, lens).mean() < 0.5 * degrees_off(given, pinhole).mean()


@pytest.mark.parametrize("true", [(400.0, 300.0, 0.9), (250.0, 260.0, -0.3), (600.0, 600.0, 0.0)])
def test_a_lens_of_the_model_itself_is_found_again(true: tuple[float, float, float]) -> None:
    rng = np.random.default_rng(0)
    rays = np.concatenate([rng.uniform(-0.6, 0.6, (500, 2)), np.ones((500, 1))], axis=1)
    rays /= np.linalg.norm(rays, axis=1, keepdims=True)
    points = np.array(true[:2]) * rays[:, :2] / (rays[:, 2:] + true[2])
    np.testing.assert_allclose(fit_unified(rays, points, np.ones(500)), true, rtol=1e-3, atol=1e-3)


def test_a_camera_without_distortion_has_no_lens_to_tell_of() -> None:
    assert lens_of(camera(300.0, "plumb_bob", 0.0, 0.0, 0.0, 0.0, 0.0)) is None


def test_a_polynomial_that_turns_back_near_the_middle_is_not_believed() -> None:
    assert lens_of(camera(100.0, "plumb_bob", -3.0, 0.0, 0.0, 0.0, 0.0)) is None


def test_the_optical_axis_is_taken_to_meet_the_middle() -> None:
    middle, aside = (camera(300.0, "plumb_bob", -0.2, 0.05, 0, 0, centre=c) for c in (320, 350))
    assert lens_of(middle) == lens_of(aside)
