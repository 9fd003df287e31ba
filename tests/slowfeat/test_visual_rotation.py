"""A camera's turns, measured in images that were made with known ones."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from slowfeat.visual_rotation import Lens, measured_rotations, project, rays_of

SIZE = 64
PINHOLE: Lens = (1.5, 1.5, 0.0)
FISHEYE: Lens = (1.2, 1.2, 0.8)


def sphere() -> np.ndarray:
    """A room (256, 512, 3) by azimuth and elevation."""
    noise = np.random.default_rng(5).uniform(0, 255, (256, 512, 3))
    room = cv2.GaussianBlur(noise, (0, 0), 5.0, borderType=cv2.BORDER_REFLECT)
    return np.asarray(cv2.normalize(room, None, 0, 255, cv2.NORM_MINMAX))


def seen(room: np.ndarray, rotation: np.ndarray, lens: Lens) -> np.ndarray:
    """What a camera turned by a rotation vector sees of the room."""
    R = cv2.Rodrigues(np.asarray(rotation, dtype=np.float64))[0]
    d = rays_of(lens, SIZE, SIZE) @ R.T
    azimuth = np.arctan2(d[..., 0], d[..., 2])
    elevation = np.arcsin(np.clip(d[..., 1], -1, 1))
    x = (azimuth / (2 * np.pi) + 0.5) * 511
    y = (elevation / np.pi + 0.5) * 255
    view = cv2.remap(room, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR)
    return np.asarray(view, dtype=np.uint8)


@pytest.mark.parametrize("lens", [PINHOLE, FISHEYE])
def test_turns_about_every_axis_are_measured(lens: Lens) -> None:
    turns = np.array([[0.06, 0, 0], [0, 0.08, 0], [0, 0, 0.1], [-0.04, 0.05, -0.06], [0, 0, 0]])
    room = sphere()
    before = np.stack([seen(room, np.zeros(3), lens)] * len(turns))
    # The pose after is the turn itself, as the camera before is at the origin.
    after = np.stack([seen(room, turn, lens) for turn in turns])
    np.testing.assert_allclose(measured_rotations(before, after, lens), turns, atol=0.008)


def test_brightness_does_not_count() -> None:
    room = sphere()
    turn = np.array([[0.0, 0.06, 0.0]])
    before = seen(room, np.zeros(3), PINHOLE)[None]
    after = (seen(room, turn[0], PINHOLE)[None] * 0.6 + 20).astype(np.uint8)
    np.testing.assert_allclose(measured_rotations(before, after, PINHOLE), turn, atol=0.01)


def test_images_without_texture_do_not_turn() -> None:
    grey = np.full((2, SIZE, SIZE, 3), 90, np.uint8)
    assert np.abs(measured_rotations(grey, grey, PINHOLE)).max() < 1e-6
    assert measured_rotations(grey[:0], grey[:0], PINHOLE).shape == (0, 3)


@pytest.mark.parametrize("lens", [PINHOLE, FISHEYE])
def test_projection_undoes_the_rays(lens: Lens) -> None:
    points, visible = project(rays_of(lens, 8, 8), lens)
    edge = (2 * np.arange(8) + 1) / 8 - 1
    np.testing.assert_allclose(points[..., 0], np.broadcast_to(edge, (8, 8)), atol=1e-9)
    assert visible.all()
