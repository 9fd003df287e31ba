"""The share of the nearest frames that are of the scene of the query."""

from __future__ import annotations

import numpy as np
import pytest

from slowfeat_papers.goroshin.queries import same_scene

RNG = np.random.default_rng(0)


def test_hits_of_the_same_scene_of_a_perfect_a_random_and_a_constant_code() -> None:
    scene = np.repeat(np.arange(20), 20)
    perfect = np.eye(20)[scene] + 1e-3 * RNG.normal(size=(400, 20))
    assert same_scene(perfect, scene)[0] == 1
    share, chance = same_scene(RNG.normal(size=(400, 8)), scene)
    assert share == pytest.approx(chance, abs=0.06)
    assert chance == pytest.approx(19 / 399)
