"""What a bag tells of its camera, as the geometry that a training starts from."""

from __future__ import annotations

import math

import pytest
import torch

from slowfeat_trainer.data.recording import Camera
from slowfeat_trainer.data.shrink import Shrink
from slowfeat_trainer.geometry.camera_geometry import CameraGeometry
from slowfeat_trainer.geometry.geometry_of_camera import (
    USUAL_FOV,
    USUAL_XI,
    crop_camera,
    geometry_of,
)
from slowfeat_trainer.geometry.known_lens import focal_length


def test_a_pinhole_is_to_the_bit_what_its_field_of_view_says() -> None:
    found = geometry_of(Camera(size=(640, 480), horizontal_fov=1.2))
    focal = 1 / math.tan(0.6)
    expected = CameraGeometry((focal, focal * 640 / 480), None).state_dict()
    for name, tensor in found.state_dict().items():
        assert torch.equal(tensor, expected[name])
    assert found.mirror_xi.item() == 0


def test_a_lens_that_bends_comes_with_its_bend() -> None:
    camera = Camera(size=(640, 480), horizontal_fov=1.2, lens=[1.5, 2.1, 0.7])
    focal, mirror_xi = geometry_of(camera).lens()
    torch.testing.assert_close(focal, torch.tensor([1.5, 2.1]))
    assert mirror_xi.item() == pytest.approx(0.7)


def test_a_cropped_picture_shows_less_of_the_lens() -> None:
    camera = Camera(size=(640, 480), horizontal_fov=1.2, lens=[1.5, 2.1, 0.7])
    found = crop_camera(camera, Shrink((64, 64), (0.1, 0.0, 0.4, 0.5)))
    assert found.lens == pytest.approx([3.0, 4.2, 0.7])
    assert found.size == (320, 240)
    assert math.tan(found.horizontal_fov / 2) == pytest.approx(math.tan(0.6) / 2)
    assert crop_camera(Camera(size=(64, 48)), Shrink((64, 64), (0.1, 0, 0, 0))).lens is None


def test_a_camera_that_nothing_describes_gets_the_usual_lens() -> None:
    focal, mirror_xi = geometry_of(Camera(size=(640, 480))).lens()
    assert mirror_xi.item() == USUAL_XI
    usual = focal_length(USUAL_FOV, USUAL_XI)
    torch.testing.assert_close(focal, torch.tensor([usual, usual * 4 / 3]))


def test_the_usual_lens_errs_least_over_lenses_that_may_be_meant() -> None:
    meant = [_lens(fov, 0.0) for fov in range(60, 101, 10)]
    meant += [_lens(fov, 1.0) for fov in range(100, 131, 10)]
    errors = {
        (fov, mirror_xi): sum(_error(_lens(fov, mirror_xi), lens) for lens in meant)
        for fov in range(80, 126, 5)
        for mirror_xi in (0.0, 0.25, 0.5, 0.75, 1.0)
    }
    assert min(errors, key=lambda lens: errors[lens]) == (
        pytest.approx(math.degrees(USUAL_FOV)),
        USUAL_XI,
    )
    # What it is worth, over the pinhole of 90 degrees.
    assert errors[105, 0.75] < 0.9 * errors[90, 0.0]


def _lens(fov: float, mirror_xi: float) -> CameraGeometry:
    focal = focal_length(math.radians(fov), mirror_xi)
    return geometry_of(Camera(size=(4, 3), lens=[focal, focal * 4 / 3, mirror_xi]))


def _error(assumed: CameraGeometry, true: CameraGeometry) -> float:
    """How wrong the map is warped by turns of 3 to 29 degrees, as a share of not warping it at all.

    An error counts less than in full where it is below a cell of the map, and hardly more where it
    is above.
    """
    turns = torch.linspace(0.05, 0.5, 10)
    motions = torch.zeros(20, 6)
    motions[:, 4] = torch.cat([-turns, turns])
    with torch.no_grad():
        still = true(torch.zeros(1, 6), 8, 16)[0]
        found, (right, inside) = assumed(motions, 8, 16)[0], true(motions, 8, 16)

    def lost(where: torch.Tensor) -> float:
        # In half widths of an image of 4:3, where a cell is 1/8.
        square = ((where - right) * torch.tensor([1.0, 0.75])).pow(2).sum(dim=-1)
        return float((square / (square + 1 / 64))[inside[:, 0] > 0].sum())

    return lost(found) / lost(still.expand_as(right))
