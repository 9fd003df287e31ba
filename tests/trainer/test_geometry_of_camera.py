"""What a bag tells of its camera, as the geometry that a training starts from."""

from __future__ import annotations

import math

import pytest
import torch

from slowfeat_trainer.geometry_of_camera import cut, geometry_of
from slowfeat_trainer.ingest.chunks import Shrink
from slowfeat_trainer.models.camera_geometry import CameraGeometry
from slowfeat_trainer.recording import Camera


def test_a_pinhole_is_to_the_bit_what_its_field_of_view_says() -> None:
    found = geometry_of(Camera(size=(640, 480), horizontal_fov=1.2))
    focal = 1 / math.tan(0.6)
    expected = CameraGeometry((focal, focal * 640 / 480), None).state_dict()
    for name, tensor in found.state_dict().items():
        assert torch.equal(tensor, expected[name])
    assert found.bend.item() == 0


def test_a_lens_that_bends_comes_with_its_bend() -> None:
    camera = Camera(size=(640, 480), horizontal_fov=1.2, lens=[1.5, 2.1, 0.7])
    focal, bend = geometry_of(camera).lens()
    torch.testing.assert_close(focal, torch.tensor([1.5, 2.1]))
    assert bend.item() == pytest.approx(0.7)


def test_a_cropped_picture_shows_less_of_the_lens() -> None:
    camera = Camera(size=(640, 480), horizontal_fov=1.2, lens=[1.5, 2.1, 0.7])
    found = cut(camera, Shrink((64, 64), (0.1, 0.0, 0.4, 0.5)))
    assert found.lens == pytest.approx([3.0, 4.2, 0.7])
    assert found.size == (320, 240)
    assert math.tan(found.horizontal_fov / 2) == pytest.approx(math.tan(0.6) / 2)
    assert cut(Camera(size=(64, 48)), Shrink((64, 64), (0.1, 0, 0, 0))).lens is None
