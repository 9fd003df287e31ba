"""Maps of chosen motions, and what the table says of the policy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from slowfeat_papers.jayaraman import next_best_view
from slowfeat_papers.jayaraman.next_best_view import own_map, refitted_maps, result_of
from slowfeat_papers.jayaraman.view_codes import CHOICES, LARGE, Codes
from slowfeat_papers.material.part import Bench

RNG = np.random.default_rng(0)


def turning() -> np.ndarray:
    """Codes (20, 3, 8, 2) of objects that turn on a circle of their own size, an eighth a step."""
    size = RNG.uniform(1, 3, (20, 1, 1))
    angle = np.arange(8) * np.pi / 4 + RNG.uniform(0, 6, (20, 3, 1))
    return np.stack([size * np.cos(angle), size * np.sin(angle)], axis=-1)


def test_refitted_maps_find_the_turn() -> None:
    maps = refitted_maps(Codes(turning(), np.array([[0, 1], [0, -2]])))
    start = np.array([[2.0, 0.0]])
    np.testing.assert_allclose(maps(start, 0), [[2**0.5, 2**0.5]], atol=0.05)
    np.testing.assert_allclose(maps(start, 1), [[0.0, -2.0]], atol=0.05)


def test_the_own_map_makes_one_atomic_motion_after_the_other() -> None:
    class Learned:
        @staticmethod
        def predict(z: np.ndarray, motion: np.ndarray) -> np.ndarray:
            return z + motion[:, :2]

    learned: Any = Learned()
    made = own_map(learned, np.array([[1, 0], [0, -4]]))
    assert made(np.zeros((2, 2)), 0).tolist() == [[1, 0]] * 2
    assert made(np.zeros((2, 2)), 1).tolist() == [[0, -4]] * 2


@pytest.mark.parametrize("policy", [0.7, 0.4])
def test_it_agrees_where_the_policy_is_ahead_in_every_case(bench: Bench, policy: float) -> None:
    draws = [
        {"one view": 0.3, "random": 0.5, "policy": policy, "truth": 0.8, "oracle": 0.9}
        for _ in range(5)
    ]
    figures = {
        ("rendered", size, method, "refitted"): draws
        for size in CHOICES
        for method in next_best_view.METHODS
    }
    result = result_of(figures, bench)
    assert result.findings[0].agrees is (policy > 0.5)
    row = result.tables[0].rows[-1]
    assert row[:4] == ["rendered", LARGE, "equiv_drlim", "refitted"]
    assert row[-2:] == [f"{100 * (policy - 0.5):+.1f} ±0.0", "yes" if policy > 0.5 else "no"]
