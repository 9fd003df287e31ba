"""How alike neighbouring pixels are."""

from __future__ import annotations

import numpy as np
import pytest

from slowfeat_papers.goroshin.zca_input import neighbour_correlation

RNG = np.random.default_rng(0)


def test_neighbouring_pixels_correlate_as_they_should() -> None:
    noise = RNG.normal(size=(500, 4 * 6 * 3))
    assert abs(neighbour_correlation(noise, (4, 6, 3))) < 0.05
    flat = np.repeat(RNG.normal(size=(500, 1)), 72, axis=1)
    assert neighbour_correlation(flat, (4, 6, 3)) == pytest.approx(1)
    assert neighbour_correlation(np.ones((500, 72)), (4, 6, 3)) == 0
