"""Which camera_info belongs to an image topic, and what its fields mean."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest

from slowfeat.camera_info import by_likelihood, camera_from_info, info_topics
from slowfeat.errors import ImageError


def info(**changes: Any) -> Any:
    """A camera_info of 64x48, K of 80 pixels and P of 60."""
    values: dict[str, Any] = {
        "width": 64,
        "height": 48,
        "k": [80.0, 0, 32, 0, 80, 24, 0, 0, 1],
        "p": [60.0, 0, 32, 0, 0, 60, 24, 0, 0, 0, 1, 0],
        "d": [-0.3, 0.09, 0.0, 0.0, 0.0],
        "distortion_model": "plumb_bob",
        "binning_x": 0,
        "binning_y": 0,
        "roi": roi(),
    }
    return SimpleNamespace(**(values | changes))


def roi(x: int = 0, y: int = 0, width: int = 0, height: int = 0) -> Any:
    return SimpleNamespace(x_offset=x, y_offset=y, width=width, height=height)


@pytest.mark.parametrize(
    ("image", "own"),
    [
        ("/front", "/front/camera_info"),
        ("/camera/image_raw", "/camera/camera_info"),
        ("/camera/image_raw/compressed", "/camera/camera_info"),
        ("/camera/image_raw", "/camera/image_raw/camera_info"),
        ("/r1/left/image", "/r1/left/camera_info"),
    ],
)
def test_the_topic_below_or_beside_the_images_comes_first(image: str, own: str) -> None:
    others = ["/back/camera_info", "/r1/right/camera_info", "/a/camera_info"]
    assert by_likelihood(image, [*others, own])[0] == own


def test_below_comes_before_beside() -> None:
    assert info_topics("/robot/front/compressed") == [
        "/robot/front/camera_info",
        "/robot/camera_info",
    ]


def test_rectified_images_have_p_and_no_distortion() -> None:
    raw, rect = (camera_from_info(info(), t) for t in ("/c/image_raw", "/c/image_rect/compressed"))
    assert raw.matrix[0, 0] == 80
    assert raw.is_distorted
    assert rect.matrix[0, 0] == 60
    assert not rect.is_distorted


def test_rectified_images_without_p_have_k() -> None:
    assert camera_from_info(info(p=[0.0] * 12), "/c/image_rect").matrix[0, 0] == 80


@pytest.mark.parametrize(
    ("changes", "images", "focal", "centre"),
    [
        # Width and height are the sensor's, the region is a part of it.
        (
            {
                "width": 128,
                "height": 96,
                "roi": roi(32, 24, 64, 48),
                "k": [60, 0, 64, 0, 60, 48, 0, 0, 1],
            },
            (64, 48),
            60,
            (32, 24),
        ),
        # The same fields, but images of the whole sensor: a driver that fills in what it could
        # read.
        (
            {"width": 128, "height": 96, "roi": roi(0, 0, 100, 50)},
            (128, 96),
            80,
            (32, 24),
        ),
        ({"binning_x": 2, "binning_y": 2}, (32, 24), 40, (16, 12)),
        # Binning that is already counted in width, height and K.
        ({"binning_x": 2, "binning_y": 2}, (64, 48), 80, (32, 24)),
        # Scaled images are the same camera.
        ({}, (640, 480), 80, (32, 24)),
    ],
)
def test_region_and_binning_are_those_that_give_the_images_size(
    changes: dict[str, Any], images: tuple[int, int], focal: float, centre: tuple[float, float]
) -> None:
    camera = camera_from_info(info(**changes), "", images)
    assert camera.matrix[0, 0] == pytest.approx(focal)
    np.testing.assert_allclose(camera.matrix[:2, 2], centre)


def test_images_of_another_shape_are_another_cameras() -> None:
    with pytest.raises(ImageError, match="64x48, the images are 100x100"):
        camera_from_info(info(), "", (100, 100))


@pytest.mark.parametrize(
    ("said", "d", "model", "kept"),
    [
        ("plumb_bob", [-0.3, 0.09, 0, 0, 0, 0, 0, 0], "rational_polynomial", 8),
        ("Plumb Bob", [-0.3, 0.09, 0, 0, 0], "plumb_bob", 5),
        ("fisheye", [0.02, -0.01, 0.003, 0], "equidistant", 4),
        ("KANNALA_BRANDT4", [0.02, -0.01, 0.003, 0.1], "equidistant", 4),
        ("equidistant", [0.02, -0.01, 0.003, 0.1, 0.0], "equidistant", 4),
        ("radtan", [0.1, 0.1, 0, 0], "plumb_bob", 4),
        ("rational_polynomial", [-0.3, 0.09, 0, 0, 0], "plumb_bob", 5),
        ("rational_polynomial", [0.1] * 8 + [0.0], "rational_polynomial", 8),
        ("none", [], "plumb_bob", 4),
    ],
)
def test_models_are_known_by_their_other_names_and_lengths(
    said: str, d: list[float], model: str, kept: int
) -> None:
    camera = camera_from_info(info(distortion_model=said, d=d))
    assert camera.model == model
    assert len(camera.distortion) == kept


def test_eight_numbers_of_plumb_bob_bend_like_its_five() -> None:
    five, eight = (
        camera_from_info(info(d=[-0.3, 0.09, 0.01, 0.02, 0.001, *more])) for more in ([], [0.0] * 3)
    )
    rays = np.array([[0.3, -0.2, 1.0], [-0.1, 0.4, 1.0]])
    zero = np.zeros(3)
    one, two = (
        cv2.projectPoints(rays, zero, zero, c.matrix, c.distortion)[0] for c in (five, eight)
    )
    np.testing.assert_allclose(one, two)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"k": [0.0] * 9}, "no calibration"),
        ({"width": 0}, "no width and height"),
        ({"distortion_model": "own", "d": [0.1, 0.2]}, "distortion model 'own'"),
        ({"d": [0.3]}, "1 coefficients of plumb_bob"),
        ({"d": [float("nan")] * 5}, "finite"),
    ],
)
def test_what_cannot_be_used_is_said(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ImageError, match=words):
        camera_from_info(info(**changes))


def test_ros_1_spells_its_fields_in_capitals() -> None:
    new = info()
    old = SimpleNamespace(**{n.upper() if n in "kdp" else n: v for n, v in vars(new).items()})
    for topic in ("/c/image_raw", "/c/image_rect"):
        a, b = camera_from_info(new, topic), camera_from_info(old, topic)
        np.testing.assert_allclose(a.matrix, b.matrix)
        np.testing.assert_allclose(a.distortion, b.distortion)
