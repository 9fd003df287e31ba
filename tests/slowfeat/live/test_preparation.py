"""What camera_info does to a frame: awaited, made once, told, and
refused where it cannot be used.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from slowfeat.errors import ImageError
from slowfeat.live.preparation import NONE, Preparation

IMAGE = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)
ENCODER: Any = SimpleNamespace(image_size=(24, 32), info=SimpleNamespace(horizontal_fov=None))


def camera_info(**changes: Any) -> Any:
    values: dict[str, Any] = {
        "width": 64,
        "height": 48,
        "k": [40.0, 0, 31.5, 0, 40.0, 23.5, 0, 0, 1],
        "p": [40.0, 0, 31.5, 0, 0, 40.0, 23.5, 0, 0, 0, 1, 0],
        "d": [-0.3, 0.1, 0.0, 0.0, 0.0],
        "distortion_model": "plumb_bob",
        "binning_x": 0,
        "binning_y": 0,
        "roi": SimpleNamespace(x_offset=0, y_offset=0, width=0, height=0),
    }
    return SimpleNamespace(**(values | changes))


class Prepared(Preparation):
    """Counts how often it says that something else is done."""

    def __init__(self, mode: str) -> None:
        self.changes = 0
        super().__init__(mode, self.changed)

    def changed(self) -> None:
        self.changes += 1


def test_none_asks_for_nothing_and_changes_nothing() -> None:
    assert Prepared(NONE).apply(IMAGE, ENCODER) is IMAGE


def test_without_camera_info_the_topic_is_named() -> None:
    preparation = Prepared("undistort")
    preparation.topic = "/front/camera_info"
    with pytest.raises(
        ImageError, match="no camera_info on /front/camera_info yet, which rectify:=undistort"
    ):
        preparation.apply(IMAGE, ENCODER)


def test_it_is_made_once_for_a_calibration_and_anew_for_another() -> None:
    preparation = Prepared("undistort")
    for _ in range(2):
        preparation.take_camera_info(camera_info())
        done = preparation.apply(IMAGE, ENCODER)
    assert preparation.changes == 1
    assert preparation.description
    straight = camera_info(d=[0.0] * 5)
    preparation.take_camera_info(straight)
    other = preparation.apply(IMAGE, ENCODER)
    assert preparation.changes == 2
    assert done.shape != other.shape or (done != other).any()


def test_a_less_specific_topic_or_one_without_calibration_does_not_replace_a_good_one() -> None:
    preparation = Prepared("undistort")
    preparation.take_camera_info(camera_info(), rank=0)
    preparation.apply(IMAGE, ENCODER)
    preparation.take_camera_info(camera_info(d=[0.0] * 5), rank=1)
    preparation.take_camera_info(camera_info(k=[0.0] * 9), rank=0)
    preparation.apply(IMAGE, ENCODER)
    assert preparation.changes == 1


def test_what_cannot_be_used_is_refused_again_and_again_until_it_is_mended() -> None:
    preparation = Prepared("undistort")
    preparation.take_camera_info(camera_info(distortion_model="unheard_of"))
    for _ in range(2):
        with pytest.raises(ImageError):
            preparation.apply(IMAGE, ENCODER)
    assert preparation.changes == 1
    preparation.take_camera_info(camera_info())
    assert preparation.apply(IMAGE, ENCODER).dtype == np.uint8
    assert preparation.changes == 2
