"""Frames rebuilt from codes by ridge regression."""

from __future__ import annotations

import numpy as np

from slowfeat_papers.goroshin.conclusion import linear

RNG = np.random.default_rng(0)


def test_a_linear_picture_is_rebuilt_and_noise_becomes_its_mean() -> None:
    codes, weights = RNG.normal(size=(300, 4)), RNG.normal(size=(4, 6))
    block, asked = np.repeat(np.arange(3), 100), RNG.normal(size=(20, 4))
    x = codes @ weights + 5.0
    np.testing.assert_allclose(linear(codes, x, block, asked, 0), asked @ weights + 5.0, atol=0.05)
    noise = 5.0 + RNG.normal(size=(300, 6))
    # What the code does not tell is left at the mean image.
    assert np.abs(linear(codes, noise, block, asked, 0) - 5.0).max() < 0.6
