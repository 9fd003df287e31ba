"""Frames as figures of the page, or none at all."""

from __future__ import annotations

import base64
import re

import cv2
import numpy as np
import pytest

from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.data.pairs import Part
from slowfeat_trainer.report.frame_images import HEIGHT, Pictures


@pytest.fixture
def part() -> Part:
    frames = np.zeros((2, 16, 16, 3), np.uint8)
    frames[1] = [200, 100, 0]
    return Part(FrameStack([frames]), np.arange(2), np.tile(np.eye(4), (2, 1, 1)), np.zeros(2))


def test_a_frame_is_stretched_back_to_the_shape_of_the_camera(part: Part) -> None:
    shown = Pictures.of(True, (320, 240), (16, 16, 3)).frame(part, 1, "now", "right")
    assert 'class="right"' in shown
    assert "<figcaption>now</figcaption>" in shown
    code = re.search(r'base64,([^"]+)', shown)
    assert code is not None
    found = cv2.imdecode(np.frombuffer(base64.b64decode(code[1]), np.uint8), cv2.IMREAD_COLOR)
    assert found.shape == (HEIGHT, HEIGHT * 4 // 3, 3)
    np.testing.assert_allclose(found.mean(axis=(0, 1)), [0, 100, 200], atol=4)


@pytest.mark.parametrize(("camera", "width"), [((0, 0), 84), ((900, 100), 210), ((10, 100), 42)])
def test_an_unknown_camera_has_the_frames_shape_and_extremes_are_held(
    camera: tuple[int, int], width: int, part: Part
) -> None:
    shown = Pictures.of(True, camera, (16, 16, 3)).frame(part, 0)
    code = re.search(r'base64,([^"]+)', shown)
    assert code is not None
    found = cv2.imdecode(np.frombuffer(base64.b64decode(code[1]), np.uint8), cv2.IMREAD_COLOR)
    assert found.shape[:2] == (HEIGHT, width)


def test_frames_that_are_left_out_leave_nothing(part: Part) -> None:
    assert Pictures.of(False, (320, 240), (16, 16, 3)).frame(part, 1, "now") == ""
