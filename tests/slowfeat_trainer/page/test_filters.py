"""Learned filters as drawings."""

from __future__ import annotations

import base64
import re

import cv2
import numpy as np

from slowfeat_trainer.page.filters import filters_drawing


def test_zero_is_grey_and_each_filter_has_its_own_scale() -> None:
    weights = np.zeros((2, 1, 1, 3))
    weights[0, 0, 0] = [-2.0, 0.0, 2.0]
    weights[1, 0, 0] = [-1e-3, 0.0, 1e-3]
    drawn = filters_drawing(weights, [[0], [1]], 2, "two")
    assert re.findall(r'fill="(#\w+)"', drawn) == ["#000", "#888", "#fff"] * 2
    images = filters_drawing(weights, [[0], [1]], 2, "two", as_images=True)
    found = [
        cv2.imdecode(np.frombuffer(base64.b64decode(code), np.uint8), cv2.IMREAD_COLOR)
        for code in re.findall(r'base64,([^"]+)', images)
    ]
    assert [picture[0, :, 0].tolist() for picture in found] == [[0, 136, 255]] * 2
    assert 'class="pool"' not in drawn


def test_members_of_a_pool_stand_in_one_frame() -> None:
    drawn = filters_drawing(np.ones((8, 3, 2, 2)), [[0, 1, 2, 3], [4, 5, 6, 7]], 1, "pools")
    assert drawn.count('class="pool"') == 2
    assert drawn.count("<g ") == 8
