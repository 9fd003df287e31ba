"""The grid of views of a turning object."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from slowfeat_papers.goroshin.views import Views, toy_views
from slowfeat_papers.material.part import Bench, Size, Sources
from slowfeat_papers.rendering import view


def test_angles_are_places_in_degrees() -> None:
    views = Views(np.zeros((2, 1, 1, 3), np.uint8), np.array([[0, 1], [4, 2]]), 5.0)
    np.testing.assert_array_equal(views.angles, [[0, 5], [20, 10]])


def test_a_tenth_is_held_out_and_the_seed_says_which() -> None:
    views = Views(np.zeros((0, 1, 1, 3), np.uint8), np.zeros((5000, 2), np.int64), 1.0)
    first = views.held_out(0)
    assert 0.08 < first.mean() < 0.12
    np.testing.assert_array_equal(first, views.held_out(0))
    assert (first != views.held_out(1)).any()


def test_views_are_rendered_once_and_differ(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(tmp_path, tmp_path, Sources(), Size.QUICK, 1)
    made = toy_views(bench, 45)
    assert made.frames.shape == (4, 96, 96, 3)
    assert made.place.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert len({frame.tobytes() for frame in made.frames}) == 4

    def never(*_: object) -> None:
        raise AssertionError("rendered again")

    monkeypatch.setattr(view, "render", never)
    np.testing.assert_array_equal(toy_views(bench, 45).frames, made.frames)
