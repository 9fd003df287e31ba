"""A velocity at a time to a pose beside the robot, played out on an ideal robot."""

from __future__ import annotations

import math

import numpy as np
import pytest

from slowfeat.geometry import motion_matrix, relative_motion
from slowfeat.live.steering import Limits, Steering, Velocity

TICK_S = 0.05


def played(target: tuple[float, float, float], backward: bool = False) -> list[Velocity]:
    """The velocities until the target (x, y, yaw) is reached; fails where it never is."""
    goal = motion_matrix([target[0], target[1], 0, 0, 0, target[2]])
    pose, steering, given = np.eye(4), Steering(backward, Limits()), []
    for _ in range(400):
        x, y, _, _, _, yaw = relative_motion(pose, goal)
        velocity = steering.step(float(x), float(y), float(yaw))
        if velocity is None:
            assert math.hypot(x, y) < 0.1
            assert abs(yaw) <= Limits().tolerance_rad
            return given
        given.append(velocity)
        step = [velocity.forward * TICK_S, 0, 0, 0, 0, velocity.turn * TICK_S]
        pose = pose @ motion_matrix(step)
    raise AssertionError(f"{target} was not reached")


@pytest.mark.parametrize(
    "target",
    [(0.5, 0.0, 0.0), (0.5, 0.2, 0.3), (0.3, -0.2, -0.8), (0.0, 0.0, 1.5), (-0.4, 0.1, 0.0)],
)
def test_it_arrives_within_its_limits(target: tuple[float, float, float]) -> None:
    given = played(target)
    assert max(abs(v.forward) for v in given) <= Limits().speed + 1e-9
    assert max(abs(v.turn) for v in given) <= Limits().turn_rate + 1e-9


def test_backward_it_never_drives_forward_and_the_other_way_round() -> None:
    assert min(v.forward for v in played((0.5, 0.1, 0.2))) >= 0
    assert max(v.forward for v in played((-0.5, 0.1, -0.2), backward=True)) <= 0


def test_a_target_far_aside_is_turned_to_on_the_spot_first() -> None:
    first = Steering(False, Limits()).step(0.0, 0.5, 0.0)
    assert first is not None
    assert first.forward == 0
    assert first.turn > 0
    to_the_right = Steering(False, Limits()).step(0.0, -0.5, 0.0)
    assert to_the_right is not None
    assert to_the_right.turn < 0


def test_slowed_by_a_limit_the_arc_stays_the_same() -> None:
    fast = Steering(False, Limits(speed=100.0, turn_rate=100.0)).step(1.0, 0.3, 0.2)
    slow = Steering(False, Limits(speed=0.1, turn_rate=100.0)).step(1.0, 0.3, 0.2)
    assert fast is not None
    assert slow is not None
    assert slow.turn / slow.forward == pytest.approx(fast.turn / fast.forward)
    assert slow.forward <= 0.1 < fast.forward


def test_where_it_stands_already_nothing_moves() -> None:
    assert Steering(False, Limits()).step(0.01, -0.01, 0.02) is None
