"""The list of what was seen: thinned, bounded, never forgetting the beginning."""

from __future__ import annotations

import numpy as np

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
