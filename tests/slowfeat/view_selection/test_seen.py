"""The list of what was seen: thinned, bounded, never forgetting the beginning."""

from __future__ import annotations

import numpy as np

from slowfeat.geometry import motion_matrix
from slowfeat.odometry import NS
from slowfeat.view_selection.seen import SeenViews


def view(value: float) -> np.ndarray:
    return np.full(2, value, dtype=np.float32)


def test_views_too_close_in_time_are_left_out() -> None:
    seen = SeenViews(every_s=0.2)
    for i in range(10):
        seen.add(i * NS // 10, view(i))
    assert seen.embeddings(2)[:, 0].tolist() == [0, 2, 4, 6, 8]


def test_time_that_is_set_back_does_not_stop_it() -> None:
    seen = SeenViews()
    seen.add(100 * NS, view(0))
    seen.add(5 * NS, view(1))
    assert len(seen) == 2


def test_it_stays_bounded_and_keeps_the_beginning() -> None:
    seen = SeenViews(most=100)
    for i in range(10_000):
        seen.add(i * NS, view(i))
    found = seen.embeddings(2)[:, 0]
    assert len(found) <= 100
    assert found[0] == 0
    assert found[-1] == 9999


def test_nothing_seen_has_the_right_shape() -> None:
    assert SeenViews().embeddings(7).shape == (0, 7)


def test_where_a_view_was_seen_from_comes_later_and_moves_along() -> None:
    seen = SeenViews()
    poses = {0: np.eye(4), NS: motion_matrix([1.0, 0, 0, 0, 0, 0])}
    seen.add(0, view(0))
    seen.place(lambda _stamp: None)  # odometry is not there yet
    assert seen.with_ways(2, np.eye(4))[0].shape == (0, 2)
    seen.add(NS, view(1))
    seen.place(poses.get)
    views, ways = seen.with_ways(2, motion_matrix([1.5, 0, 0, 0, 0, 0]))
    assert views[:, 0].tolist() == [0, 1]
    np.testing.assert_allclose(ways[:, 0], [1.5, 0.5])


def test_a_view_that_odometry_knows_nothing_of_is_none_to_predict_from() -> None:
    seen = SeenViews()
    asked: list[int] = []
    for i in range(5):
        seen.add(i * NS, view(i))
        seen.place(lambda stamp: asked.append(stamp))
    assert seen.with_ways(2, np.eye(4))[0].shape == (0, 2)
    assert len(seen.embeddings(2)) == 5
    assert asked.count(0) < 5  # it is not asked for ever


def test_when_time_is_set_back_places_are_forgotten_and_views_kept() -> None:
    seen = SeenViews()
    seen.add(100 * NS, view(0))
    seen.place(lambda _stamp: np.eye(4))
    seen.add(5 * NS, view(1))
    seen.place(lambda _stamp: np.eye(4))
    assert seen.with_ways(2, np.eye(4))[0][:, 0].tolist() == [1]
    assert len(seen.embeddings(2)) == 2


def test_a_jump_of_odometry_forgets_where_views_were_and_keeps_the_views() -> None:
    seen = SeenViews()
    for k in range(3):
        seen.add((k + 1) * 10**9, np.ones(2, np.float32))
    seen.place(lambda _stamp: np.eye(4))
    assert len(seen.with_ways(2, np.eye(4))[0]) == 3
    seen.forget_places()
    assert len(seen.with_ways(2, np.eye(4))[0]) == 0
    assert len(seen.embeddings(2)) == 3
    seen.place(lambda _stamp: np.eye(4))
    assert len(seen.with_ways(2, np.eye(4))[0]) == 0  # of another frame: not placed again
