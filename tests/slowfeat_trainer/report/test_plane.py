"""The embedding in two dimensions, in the colours of places."""

from __future__ import annotations

import re

import numpy as np
import pytest

from slowfeat_trainer.report.plane import place_colours


@pytest.mark.parametrize("xy", [np.zeros((1, 2)), np.random.default_rng(0).normal(size=(50, 2))])
def test_every_place_has_a_colour(xy: np.ndarray) -> None:
    colours = place_colours(xy)
    assert len(colours) == len(xy)
    assert all(re.fullmatch(r"#[0-9a-f]{6}", c) for c in colours)
