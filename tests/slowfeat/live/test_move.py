"""The controller of one motion, on robots that obey, drag, slip or hit a wall."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from slowfeat.geometry import Array, motion_matrix, relative_motion
from slowfeat.live.move import Move, Outcome
from slowfeat.live.steering import Limits, Velocity

TICK_S = 0.05
LIMITS = Limits(speed=0.4, turn_rate=1.0)


def obey(velocity: Velocity) -> Array:
    """The motion of a tick by an ideal robot."""
    angle, length = velocity.turn * TICK_S, velocity.forward * TICK_S
    chord = length * np.sinc(angle / 2 / np.pi)
    return np.array([chord * np.cos(angle / 2), chord * np.sin(angle / 2), 0, 0, 0, angle])


def drive(
    asked: list[float], robot: Callable[[Velocity], Array] = obey, limits: Limits = LIMITS
) -> tuple[Outcome, Array, float, list[Velocity]]:
    """Outcome, motion made, time and commands."""
    pose, now, commands = np.eye(4), 0.0, []
    move = Move(np.array(asked), pose, limits, now)
    while True:
        answer = move.step(pose, now)
        if isinstance(answer, Outcome):
            return answer, move.made(pose), now, commands
        commands.append(answer)
        pose = pose @ motion_matrix(robot(answer))
        now += TICK_S
        assert now < 60


@pytest.mark.parametrize(
    "asked",
    [
        [0.5, 0, 0, 0, 0, 0],
        [-0.4, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 1.2],
        [0, 0, 0, 0, 0, -3.0],
        [0.6, 0.15, 0, 0, 0, 0.5],
        [-0.5, 0.1, 0, 0, 0, -0.4],
        [0.2, 0.3, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0],
        [1.5, -0.6, 0, 0, 0, -0.8],
    ],
)
def test_reaches_what_was_asked(asked: list[float]) -> None:
    outcome, made, _, _ = drive(asked)
    assert outcome == Outcome.REACHED
    left = relative_motion(motion_matrix(made), motion_matrix(asked))
    assert np.linalg.norm(left[:2]) < 3 * LIMITS.tolerance_m
    assert abs(left[5]) <= LIMITS.tolerance_rad


def test_speeds_stay_within_the_limits() -> None:
    for asked in ([2.0, 0.5, 0, 0, 0, 1.0], [0, 0, 0, 0, 0, 3.0]):
        commands = np.array(drive(asked)[3])
        assert np.abs(commands[:, 0]).max() <= LIMITS.speed + 1e-9
        assert np.abs(commands[:, 1]).max() <= LIMITS.turn_rate + 1e-9


def test_a_wall_is_noticed_and_the_motion_made_is_told() -> None:
    wall = 0.2
    made_so_far = [0.0]

    def against_wall(velocity: Velocity) -> Array:
        step = obey(velocity)
        step[0] = min(step[0], max(wall - made_so_far[0], 0.0))
        made_so_far[0] += step[0]
        return step

    outcome, made, seconds, _ = drive([1.0, 0, 0, 0, 0, 0], against_wall)
    assert outcome == Outcome.BLOCKED
    assert made[0] == pytest.approx(wall, abs=1e-6)
    assert seconds < wall / LIMITS.speed + 2 * LIMITS.blocked_s + 0.5


def test_a_robot_that_cannot_turn_is_blocked_too() -> None:
    outcome, _, _, _ = drive([0, 0, 0, 0, 0, 1.0], lambda _velocity: np.zeros(6))
    assert outcome == Outcome.BLOCKED


def test_a_robot_that_drags_gets_there_by_feedback() -> None:
    outcome, made, _, _ = drive([0.5, 0, 0, 0, 0, 0.4], lambda velocity: 0.6 * obey(velocity))
    assert outcome == Outcome.REACHED
    assert made[5] == pytest.approx(0.4, abs=LIMITS.tolerance_rad)


def test_what_takes_too_long_is_given_up() -> None:
    limits = Limits(speed=0.05, time_s=2.0)
    outcome, made, seconds, _ = drive([1.0, 0, 0, 0, 0, 0], limits=limits)
    assert outcome == Outcome.TIMED_OUT
    assert seconds == pytest.approx(2.0, abs=2 * TICK_S)
    assert 0.05 < made[0] < 0.15


def test_a_robot_that_obeys_late_is_not_blocked_where_it_goes_on_from_turning_to_driving() -> None:
    waiting = [Velocity(0.0, 0.0)] * 6  # 0.3 s from a command to its motion

    def late(velocity: Velocity) -> Array:
        waiting.append(velocity)
        return obey(waiting.pop(0))

    slow = Limits(speed=0.2, turn_rate=0.4, tolerance_rad=0.15, tolerance_m=0.08)
    outcome, _, _, commands = drive([0.2, 0.6, 0, 0, 0, 0], late, slow)
    assert any(c.forward == 0.0 for c in commands)  # it turned first
    assert any(c.forward != 0.0 for c in commands)
    assert outcome == Outcome.REACHED
