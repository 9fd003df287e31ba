"""Shaken pairs: the image and the motion that is told must still be one and the same."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch
from torch.nn import functional

from slowfeat.geometry import compose_motions
from slowfeat_trainer.geometry.camera_geometry import CameraGeometry
from slowfeat_trainer.methods.warp import random_camera_rotation as module
from slowfeat_trainer.methods.warp.random_camera_rotation import TURNS, ZOOM, random_camera_rotation


def pictures(count: int, side: int = 48) -> torch.Tensor:
    """Smooth random images (2 count, side, side, 3), before and after alike."""
    noise = np.random.default_rng(0).uniform(0, 255, (count, side, side, 3))
    smooth = np.stack([cv2.GaussianBlur(n, (0, 0), 3.0) for n in noise])
    return torch.tensor(np.concatenate([smooth, smooth]), dtype=torch.float32)


def errors(
    shaken: module.RotatedViews, motion: torch.Tensor, geometry: CameraGeometry
) -> torch.Tensor:
    """Mean error (B,) of the frames before, moved by a motion, where
    the frames after show something.
    """
    before, after = shaken.frames.permute(0, 3, 1, 2).chunk(2)
    side = before.shape[-1]
    with torch.no_grad():
        where, inside = geometry(motion, side, side, None, shaken.zoom)
    moved = functional.grid_sample(before, where, padding_mode="border", align_corners=False)
    return ((moved - after).abs() * inside).mean(dim=(1, 2, 3))


def test_the_told_motion_is_what_the_pictures_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SHARE", 1.0)
    # What is beyond the border repeats it, and is then seen from two sides: small turns keep it
    # rare.
    monkeypatch.setattr(module, "TURNS", (0.1, 0.1, 0.4))
    geometry = CameraGeometry((0.9, 1.1), None)
    with torch.no_grad():
        geometry.mirror_xi += 0.3
    shaken = random_camera_rotation(
        pictures(6), torch.zeros(6, 6), geometry, np.random.default_rng(1)
    )
    told = errors(shaken, shaken.camera_motion, geometry)
    still = errors(shaken, torch.zeros(6, 6), geometry)
    mirrored = errors(shaken, -shaken.camera_motion, geometry)
    assert (told < 0.35 * still).all()
    assert (told < 0.35 * mirrored).all()


def test_pairs_that_are_not_chosen_stay_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SHARE", 0.0)
    frames, motion = pictures(3), 0.3 * torch.randn(3, 6)
    shaken = random_camera_rotation(
        frames, motion, CameraGeometry((1.0, 1.0), None), np.random.default_rng(0)
    )
    np.testing.assert_allclose(shaken.frames, frames, atol=1e-2)
    np.testing.assert_allclose(shaken.camera_motion, motion, atol=1e-5)
    assert (shaken.zoom == 1).all()


def test_translation_and_turns_compose_as_poses_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SHARE", 1.0)
    drawn = np.random.default_rng(5)
    motion = np.array([[0.3, -0.1, 0.5, 0.2, -0.3, 0.1]])
    geometry = CameraGeometry((1.0, 1.0), None)
    shaken = random_camera_rotation(
        pictures(1), torch.tensor(motion, dtype=torch.float32), geometry, np.random.default_rng(5)
    )
    drawn.random(1), drawn.uniform(0, np.log(ZOOM), 1)
    before, after = drawn.uniform(-1, 1, (2, 1, 3)) * np.array(TURNS)
    turn = lambda vector: np.concatenate([np.zeros((1, 3)), vector], axis=1)  # noqa: E731
    expected = compose_motions(compose_motions(turn(-before), motion), turn(after))
    np.testing.assert_allclose(shaken.camera_motion, expected, atol=1e-5)


def test_the_same_draws_give_the_same_pairs() -> None:
    geometry = CameraGeometry((1.0, 1.0), None)
    first, second = (
        random_camera_rotation(pictures(4), torch.zeros(4, 6), geometry, np.random.default_rng(3))
        for _ in range(2)
    )
    np.testing.assert_array_equal(first.frames, second.frames)
    np.testing.assert_array_equal(first.camera_motion, second.camera_motion)
