"""Whether images shift as the odometry turns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from slowfeat_trainer.inspection.shifts import Shifts, shifts_of

RNG = np.random.default_rng(0)


def shifts(widths: np.ndarray, turned: np.ndarray) -> Shifts:
    return Shifts(np.arange(len(widths)) * 0.1, widths, turned, turned)


def test_a_picture_that_moves_with_the_turn_correlates_and_against_it_anticorrelates() -> None:
    turned = RNG.normal(size=300)
    widths = 0.5 * turned
    assert shifts(widths, turned).correlation > 0.98
    assert shifts(-widths, turned).correlation < -0.98
    assert abs(shifts(RNG.normal(size=300), turned).correlation) < 0.2


def test_one_wild_shift_does_not_hide_the_others() -> None:
    turned = RNG.normal(size=300)
    widths = 0.5 * turned
    widths[7] = 500.0
    assert shifts(widths, turned).correlation > 0.9


@pytest.mark.parametrize("count", [0, 1, 5])
def test_nothing_and_standing_still_tell_nothing(count: int) -> None:
    assert shifts(np.zeros(count), np.zeros(count)).correlation == 0.0


def test_one_frame_has_no_shift() -> None:
    track: Any = None
    found = shifts_of(np.zeros((1, 8, 8, 3), np.uint8), np.zeros(1, np.int64), track, 0.0, 0.0)
    assert len(found.seconds) == len(found.widths) == len(found.turned) == 0
