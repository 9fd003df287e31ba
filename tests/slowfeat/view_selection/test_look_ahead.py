"""Sequences in a world whose embedding is the robot's place."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from slowfeat.bundle_info import BundleInfo
from slowfeat.view_selection.look_ahead import search
from slowfeat.view_selection.recall import Recall
from tests.conftest import tiny_info

# East, west, north, south by a metre.
MOVES = np.zeros((4, 6))
MOVES[:, :2] = [[1, 0], [-1, 0], [0, 1], [0, -1]]
HERE = np.zeros(2)


def walk(z: Any, motions: Any) -> tuple[Any, Any]:
    """The embedding is the place (x, y)."""
    return z + motions[:, :2], np.full(len(motions), 3.0)


def info_of(range_m: float) -> BundleInfo:
    low, high = [-range_m] * 6, [range_m] * 6
    return replace(tiny_info(), dimension=2, motion_min=low, motion_max=high)


def test_looks_around_a_corner_only_with_more_steps() -> None:
    # Two norths lead into a wall of fog: a step north is worse, two are best.
    heights = {(0.0, 1.0): -5.0, (0.0, 2.0): 9.0, (1.0, 0.0): 1.0}

    def score(z: Any, error: Any) -> Any:
        return np.array([heights.get(tuple(np.round(p, 6)), 0.0) for p in z])

    recall = Recall(HERE, info_of(1.0))
    assert search(walk, recall, MOVES, score, steps=1).scores.argmax() == 0
    found = search(walk, recall, MOVES, score, steps=2)
    assert found.scores.argmax() == 2
    assert found.sequences[2] == [2, 2]
    assert found.scores[0] == 1.0  # a sequence is worth its best moment
    assert search(walk, recall, MOVES, score, steps=2, beam=1).scores.argmax() == 0


@pytest.mark.parametrize(
    ("range_m", "errors"), [(1.0, [3.0, 18**0.5, 27**0.5]), (5.0, [3.0, 3.0, 3.0])]
)
def test_errors_add_in_squares_only_where_the_way_is_too_long_for_one_prediction(
    range_m: float, errors: list[float]
) -> None:
    seen = []

    def score(z: Any, error: Any) -> Any:
        seen.append(max(error))
        return z[:, 0]

    search(walk, Recall(HERE, info_of(range_m)), MOVES, score, steps=3)
    assert seen == pytest.approx(errors)


def test_an_end_that_two_sequences_have_is_judged_once() -> None:
    ends = []

    def score(z: Any, error: Any) -> Any:
        ends.extend(map(tuple, np.round(z, 6)))
        return np.zeros(len(z))

    # Of each first step, there and back again is where the others end as well.
    search(walk, Recall(HERE, info_of(5.0)), MOVES[:2], score, steps=2)
    assert sorted(ends) == [
        (-2.0, 0.0),
        (-1.0, 0.0),
        (0.0, 0.0),
        (0.0, 0.0),
        (1.0, 0.0),
        (2.0, 0.0),
    ]


def test_views_are_predicted_from_the_one_that_was_nearest() -> None:
    asked = []

    def predict(z: Any, motions: Any) -> tuple[Any, Any]:
        asked.extend(zip(z[:, 0].tolist(), motions[:, 0].tolist(), strict=True))
        return z, np.ones(len(z))

    # It came two metres from the west.
    recall = Recall(HERE, info_of(5.0), [[-2.0, 0.0]], [[2.0, 0, 0, 0, 0, 0]])
    search(predict, recall, MOVES[:2], lambda _z, e: -e, steps=2)
    assert (-2.0, 0.0) in asked  # two metres back, as it was seen there
    assert (0.0, 2.0) in asked


def test_nothing_leads_through_a_place_that_could_not_be_reached() -> None:
    def score(z: Any, error: Any) -> Any:
        return z[:, 1]

    recall = Recall(HERE, info_of(5.0))
    found = search(walk, recall, MOVES, score, steps=2, barred=[[0.0, 1.1]])
    assert found.scores.tolist() == [1.0, 1.0, -np.inf, 0.0]
    free = search(walk, recall, MOVES, score, steps=2)
    assert free.scores.tolist() == [1.0, 1.0, 2.0, 0.0]
