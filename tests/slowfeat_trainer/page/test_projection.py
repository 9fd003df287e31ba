"""The plane of the largest variance."""

from __future__ import annotations

import numpy as np
import pytest

from slowfeat_trainer.page.projection import Projection


def test_the_projection_finds_the_plane_of_largest_variance():
    rng = np.random.default_rng(0)
    flat = rng.normal(size=(200, 2)) * [3.0, 1.0]
    points = np.concatenate([flat, np.zeros((200, 3))], axis=1) + 7
    found = Projection.fitted_to(points)
    assert found.share == pytest.approx(1.0)
    back = found.apply(points)
    assert np.linalg.norm(back[0] - back[1]) == pytest.approx(np.linalg.norm(flat[0] - flat[1]))
