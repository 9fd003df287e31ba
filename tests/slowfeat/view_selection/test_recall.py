"""Which of the views seen is nearest to where the robot could be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from slowfeat.errors import UsageError
from slowfeat.geometry import compose_motions, motion_matrix, relative_motion
from slowfeat.view_selection.recall import MOST, Recall
from tests.conftest import tiny_info

INFO = replace(tiny_info(), dimension=2)
VIEWS = np.array([[7.0, 0.0], [8.0, 0.0]])
# A metre ahead of the first, a quarter turn to the left of the second.
SINCE = np.array([[1.0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 1.5]])


def test_the_way_from_a_view_is_the_way_since_then_and_the_motion() -> None:
    recall = Recall(np.zeros(2), INFO, VIEWS, SINCE)
    ends = np.array([[-0.9, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, -1.4], [0.1, 0, 0, 0, 0, 0.1]])
    source, way = recall.nearest(ends)
    assert [recall.views[i, 0] for i in source] == [7.0, 8.0, 0.0]
    np.testing.assert_allclose(way[0], compose_motions(SINCE[0], ends[0]), atol=1e-9)
    np.testing.assert_allclose(way[1], [0, 0, 0, 0, 0, 0.1], atol=1e-9)


def test_the_nearest_place_knows_no_turns() -> None:
    recall = Recall(np.zeros(2), INFO, VIEWS, SINCE)
    source, way = recall.nearest_place(np.array([[-0.9, 0, 0, 0, 0, 3.0], [0, 0, 0, 0, 0, 2.0]]))
    assert [recall.views[i, 0] for i in source] == [7.0, 0.0]
    np.testing.assert_allclose(way, [[0.1, 0, 0, 0, 0, 0], [0] * 6], atol=1e-9)


def test_an_end_out_of_range_from_all_views_has_none() -> None:
    recall = Recall(np.zeros(2), INFO, VIEWS, SINCE)
    assert recall.nearest(np.array([[3.0, 0, 0, 0, 0, 0]]))[0].tolist() == [-1]


def test_without_the_ways_there_is_only_the_view_now() -> None:
    recall = Recall(np.zeros(2), INFO, VIEWS)
    assert recall.views.tolist() == [[0.0, 0.0]]


def test_of_many_views_the_nearest_are_kept() -> None:
    many = np.tile(VIEWS[:1], (500, 1))
    ways = np.zeros((500, 6))
    ways[:, 0] = np.linspace(5, 0.1, 500)
    recall = Recall(np.zeros(2), INFO, many, ways)
    assert len(recall.views) == MOST + 1
    source, way = recall.nearest(np.array([[-0.1, 0, 0, 0, 0, 0]]))
    assert source[0] > 0
    np.testing.assert_allclose(way[0], np.zeros(6), atol=1e-9)


def test_poses_in_space_are_composed_not_added() -> None:
    turn = np.array([0, 0, 0, 0, 0, 1.0])
    ahead = np.array([0.5, 0, 0, 0, 0, 0])
    way = Recall(np.zeros(2), INFO, VIEWS[:1], turn[None]).nearest(ahead[None])[1]
    assert way[0].tolist() == ahead.tolist()  # nearer to the view now
    T = motion_matrix(turn) @ motion_matrix(ahead)
    np.testing.assert_allclose(compose_motions(turn, ahead), relative_motion(np.eye(4), T))


def test_views_without_their_ways_are_refused() -> None:
    with pytest.raises(UsageError, match="2 views seen with 1 motions"):
        Recall(np.zeros(2), INFO, VIEWS, SINCE[:1])
