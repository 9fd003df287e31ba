"""A wall is remembered where it was, seen from anywhere."""

from __future__ import annotations

import numpy as np

from slowfeat.geometry import motion_matrix
from slowfeat.view_selection.barred import MOST, Barred

AHEAD = np.array([0.6, 0, 0, 0, 0, 0])
TURN = np.array([0, 0, 0, 0, 0, 0.8])
HERE = np.eye(4)


def test_what_was_not_reached_is_not_tried_again_from_anywhere() -> None:
    barred = Barred()
    barred.add(HERE, AHEAD)
    assert barred.allows(HERE, [AHEAD, -AHEAD, TURN]).tolist() == [False, True, True]
    # A metre to the side, facing it.
    beside = motion_matrix([0.6, 0.6, 0, 0, 0, -np.pi / 2])
    assert barred.allows(beside, [AHEAD]).tolist() == [False]
    assert barred.allows(motion_matrix([0, 1.0, 0, 0, 0, 0]), [AHEAD]).tolist() == [True]


def test_a_turn_is_never_barred() -> None:
    barred = Barred()
    barred.add(HERE, TURN)
    assert len(barred) == 0
    barred.add(motion_matrix([-0.6, 0, 0, 0, 0, 0]), AHEAD)
    assert barred.allows(HERE, [TURN]).tolist() == [True]


def test_it_stays_bounded_and_can_be_cleared() -> None:
    barred = Barred()
    for _ in range(MOST + 20):
        barred.add(HERE, AHEAD)
    assert len(barred) == MOST
    barred.clear()
    assert barred.allows(HERE, [AHEAD]).all()
