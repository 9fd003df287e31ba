"""The lens that a bag describes, and the usual one where it describes none."""

from __future__ import annotations

import math

import pytest

from slowfeat_trainer.data.recording import Camera
from slowfeat_trainer.data.shrink import Shrink
from slowfeat_trainer.geometry.known_lens import (
    USUAL_FOV,
    USUAL_XI,
    crop_camera,
    focal_length,
    initial_lens,
)


def test_a_pinhole_of_ninety_degrees_has_a_focal_length_of_half_its_width() -> None:
    assert focal_length(math.pi / 2, 0.0) == pytest.approx(1.0)
    # A stereographic fisheye (mirror parameter 1) of 180 degrees as well: r = 2 tan(45 degrees)
    # / 2.
    assert focal_length(math.pi, 1.0) == pytest.approx(1.0)


def test_pixels_are_square() -> None:
    fx, fy, xi = initial_lens(Camera(size=(160, 120), horizontal_fov=math.pi / 2))
    assert (fx, fy, xi) == pytest.approx((1.0, 160 / 120, 0.0))


def test_a_lens_that_is_described_is_taken_and_another_is_the_usual_one() -> None:
    assert initial_lens(Camera(size=(4, 3), lens=[1.1, 1.2, 0.3])) == (1.1, 1.2, 0.3)
    fx, _, xi = initial_lens(Camera(size=(4, 3)))
    assert (fx, xi) == pytest.approx((focal_length(USUAL_FOV, USUAL_XI), USUAL_XI))


def test_half_of_a_picture_sees_half_the_tangent() -> None:
    whole = Camera(size=(160, 120), horizontal_fov=math.pi / 2)
    half = crop_camera(whole, Shrink((64, 64), (0.0, 0.25, 0.0, 0.25)))
    assert half.size == (80, 120)
    assert math.tan(half.horizontal_fov / 2) == pytest.approx(0.5)
