"""Volumes of simple bodies."""

from __future__ import annotations

import numpy as np
import pytest

from slowfeat_papers.rendering.shapes import box, ellipsoid, plate, rod


def test_bodies_have_the_volume_of_their_formula():
    assert box([1, 2, 3], [2, 3, 4]).volume == pytest.approx(24)
    assert rod([0, 0, 0], [1, 2, 2], 0.5, around=64).volume == pytest.approx(
        np.pi * 0.25 * 3, rel=0.01
    )
    fine = ellipsoid([1, 0, 0], [1, 2, 3], around=60, rings=40)
    assert fine.volume == pytest.approx(4 / 3 * np.pi * 6, rel=0.01)
    for flat in (True, False):
        for tip in ([0, 1, 0.2], [0, -1, 0.2]) if flat else ([0, 0.2, 1], [0, 0.2, -1]):
            assert plate([0, 0, 0], tip, 0.4, 0.1, flat).volume == pytest.approx(0.03)
