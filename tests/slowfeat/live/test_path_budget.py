"""What an ideal robot needs for a motion, and that no more than that and a margin is commanded."""

from __future__ import annotations

import math

import pytest

from slowfeat.live.path_budget import MARGIN_M, MARGIN_RAD, Path, PathBudget, ideal_path
from slowfeat.live.steering import Limits, Velocity

LIMITS = Limits()


@pytest.mark.parametrize(
    ("asked", "metres", "radians"),
    [
        ((0.7, 0.0, 0.0), 0.7, 0.0),
        ((-0.4, 0.0, 0.0), 0.4, 0.0),
        ((0.0, 0.0, 1.2), 0.0, 1.2),
        ((0.0, 0.0, -3.0), 0.0, 3.0),
        ((0.0, 0.0, 0.0), 0.0, 0.0),
    ],
)
def test_straight_and_on_the_spot_need_what_was_asked(
    asked: tuple[float, float, float], metres: float, radians: float
) -> None:
    path = ideal_path(*asked, asked[0] < 0, LIMITS)
    assert path.metres == pytest.approx(metres, abs=LIMITS.tolerance_m)
    assert path.radians == pytest.approx(radians, abs=LIMITS.tolerance_rad)


def test_a_target_to_the_side_is_turned_to_and_back() -> None:
    path = ideal_path(0.0, 0.5, 0.0, False, LIMITS)
    assert 0.5 <= path.metres < 0.8
    assert math.pi / 2 < path.radians < 2 * math.pi


def test_speed_changes_no_path() -> None:
    slow = ideal_path(0.8, 0.2, 0.4, False, Limits(speed=0.01, turn_rate=0.01))
    fast = ideal_path(0.8, 0.2, 0.4, False, Limits(speed=0.5, turn_rate=1.0))
    assert slow.metres == pytest.approx(fast.metres, rel=0.1)
    assert slow.radians == pytest.approx(fast.radians, rel=0.25)


@pytest.mark.parametrize("velocity", [Velocity(-0.3, 0.0), Velocity(0.0, -0.8)])
def test_the_budget_ends_before_it_is_overrun_also_where_the_clock_stumbles(
    velocity: Velocity,
) -> None:
    budget = PathBudget(Path(1.0, 2.0), 0.5, 10.0)
    assert budget.most == (1.5 + MARGIN_M, 3.0 + MARGIN_RAD)
    now, dt = 10.0, 0.05
    while budget.allows(velocity, now):
        now += dt
    assert budget.commanded.metres <= budget.most.metres
    assert budget.commanded.radians <= budget.most.radians
    spent = (
        budget.commanded.metres / budget.most.metres
        + budget.commanded.radians / budget.most.radians
    )
    assert spent > 0.95


def test_a_loop_that_hung_counts_what_it_commanded_meanwhile() -> None:
    budget = PathBudget(Path(1.0, 1.0), 0.5, 0.0)
    assert budget.allows(Velocity(0.5, 0.0), 0.0)
    assert not budget.allows(Velocity(0.5, 0.0), 4.0)
