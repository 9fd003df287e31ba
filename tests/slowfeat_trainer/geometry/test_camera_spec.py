"""Lenses as their data sheets say them."""

from __future__ import annotations

import math

import pytest
import torch

from slowfeat.errors import UsageError
from slowfeat_trainer.data.recording import Camera
from slowfeat_trainer.geometry.camera_model import unproject
from slowfeat_trainer.geometry.camera_spec import DataSheet
from slowfeat_trainer.geometry.geometry_of_camera import geometry_of


def half_angle(sheet: DataSheet) -> float:
    """Degrees from the axis to the middle of the right edge."""
    focal, mirror_xi = (x.detach() for x in geometry_of(sheet.camera()).lens())
    ray = unproject(torch.tensor([1.0, 0.0]), focal, mirror_xi)
    return math.degrees(math.atan2(float(ray[0]), float(ray[2])))


@pytest.mark.parametrize(
    ("fov", "fisheye"), [(63.0, False), (120.0, False), (90.0, True), (180.0, True), (199.0, True)]
)
def test_the_edge_of_the_picture_is_where_the_sheet_says(fov: float, fisheye: bool) -> None:
    assert half_angle(DataSheet(fov, fisheye)) == pytest.approx(fov / 2, abs=0.01)


def test_pixels_are_square() -> None:
    for sheet in (DataSheet(90, aspect=(16, 9)), DataSheet(90, True, (16, 9))):
        fx, fy = geometry_of(sheet.camera()).lens()[0].tolist()
        assert fy / fx == pytest.approx(16 / 9, rel=1e-3)


def test_a_pinhole_says_its_field_of_view_and_a_fisheye_that_of_its_middle() -> None:
    assert DataSheet(90).camera().horizontal_fov == pytest.approx(math.pi / 2)
    fisheye = DataSheet(180, True).camera()
    assert fisheye.lens is not None
    focal = fisheye.lens[0] / (1 + fisheye.lens[2])
    assert fisheye.horizontal_fov == pytest.approx(2 * math.atan(1 / focal))


def test_a_cameras_own_place_and_picture_stay() -> None:
    camera = Camera("optical", (640, 320), "jpeg", 1.0, [0.0] * 7, [1.0, 1.0, 0.5])
    found = DataSheet(90).put_into(camera)
    assert (found.frame, found.size, found.extrinsic) == ("optical", (640, 320), [0.0] * 7)
    assert found.lens is None
    fisheye = DataSheet(90, True).put_into(camera)
    assert fisheye.lens is not None
    assert fisheye.lens[1] == pytest.approx(2 * fisheye.lens[0])


@pytest.mark.parametrize(
    ("fov", "fisheye", "aspect", "named"),
    [
        (10.0, False, (4, 3), "--fov is 10"),
        (170.0, False, (4, 3), "--fisheye"),
        (200.0, True, (4, 3), "between 10 and 200"),
        (float("nan"), True, (4, 3), "--fov"),
        (90.0, False, (4, 0), "--aspect is 4:0"),
        (90.0, False, (-4, 3), "--aspect"),
        (90.0, False, (40, 3), "--aspect"),
    ],
)
def test_what_is_no_lens_is_refused(
    fov: float, fisheye: bool, aspect: tuple[float, ...], named: str
) -> None:
    with pytest.raises(UsageError, match=named):
        DataSheet(fov, fisheye, aspect)
