"""What is a jump depends on what supports a fast robot: its twist, its usual speed, its limits."""

from __future__ import annotations

import numpy as np
import pytest

from slowfeat.geometry import quaternion_from_rotation_vector
from slowfeat.odometry_jumps import (
    MARGIN_M,
    Bounds,
    find_jumps,
    is_jump,
    turned_between,
    usual_pace,
)


def series(
    step_m: np.ndarray, hz: float, yaw_step: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Stamps, positions, quaternions of a drive along x."""
    count = len(step_m)
    stamps = (10**9 + np.arange(count) * 1e9 / hz).astype(np.int64)
    zero = np.zeros(count)
    yaw = zero if yaw_step is None else np.cumsum(yaw_step)
    positions = np.stack([np.cumsum(step_m), zero, zero], axis=-1)
    turn = np.stack([zero, zero, yaw], axis=-1)
    return stamps, positions, quaternion_from_rotation_vector(turn)


@pytest.mark.parametrize("hz", [10, 20, 50, 100])
@pytest.mark.parametrize("jump", [0.3, 1.0, 30.0])
def test_a_slow_robot_that_jumps_by_less_than_the_fastest_could_drive_is_noticed(
    hz: float, jump: float
) -> None:
    steps = np.full(20 * int(hz), 0.3 / hz)
    steps[123] += jump
    stamps, positions, quaternions = series(steps, hz)
    found = find_jumps(stamps, positions, quaternions)
    assert found.stamps.tolist() == [stamps[123]]
    assert found.keep.all()


def test_a_robot_that_is_fast_now_and_then_does_not_jump() -> None:
    speeds = np.concatenate([np.full(400, 0.2), np.linspace(0.2, 6, 60), np.full(100, 6.0)])
    assert not len(find_jumps(*series(speeds / 20, 20)).stamps)


def test_a_source_that_repeats_its_poses_does_not_jump() -> None:
    steps = np.zeros(1000)
    steps[::10] = 0.3  # 1.5 m/s, known at 5 Hz and published at 50
    assert not len(find_jumps(*series(steps, 50)).stamps)


def test_stamps_that_jitter_are_no_jump() -> None:
    stamps, positions, quaternions = series(np.full(400, 0.05), 20)
    jitter = np.random.default_rng(0).uniform(-0.02, 0.02, 400) * 1e9
    assert not len(find_jumps(stamps + jitter.astype(np.int64), positions, quaternions).stamps)


def test_a_twist_that_agrees_shows_a_jump_that_the_usual_speed_hides() -> None:
    steps = np.full(300, 2.0 / 20)
    steps[150:] = 0.005
    steps[200] = 0.25
    stamps, positions, quaternions = series(steps, 20)
    assert not len(find_jumps(stamps, positions, quaternions).stamps)
    speeds, rates = steps * 20, np.zeros(300)
    speeds[200] = 0.1
    found = find_jumps(stamps, positions, quaternions, speeds, rates)
    assert found.stamps.tolist() == [stamps[200]]


def test_a_twist_that_nobody_filled_in_counts_for_nothing() -> None:
    stamps, positions, quaternions = series(np.full(300, 0.2), 20)
    zero = np.zeros(300)
    assert not len(find_jumps(stamps, positions, quaternions, zero, zero).stamps)


def test_a_turn_in_one_message_is_a_jump_and_a_fast_turn_is_not() -> None:
    yaw = np.full(200, 1.5 / 20)
    assert not len(find_jumps(*series(np.zeros(200), 20, yaw)).stamps)
    yaw[77] = 1.2
    stamps, positions, quaternions = series(np.zeros(200), 20, yaw)
    assert find_jumps(stamps, positions, quaternions).stamps.tolist() == [stamps[77]]


def test_the_usual_pace_is_the_fastest_that_lasts_and_not_a_jump() -> None:
    gaps, steps = np.full(400, 0.05), np.full(400, 0.01)
    steps[100:150] = 0.04
    steps[300:302] = 5.0
    assert usual_pace(gaps, steps) == pytest.approx(0.8, rel=0.02)
    assert np.isnan(usual_pace(gaps[:5], steps[:5]))


def test_the_rule_at_its_edge_for_numbers_and_arrays() -> None:
    bounds = Bounds.of_limits(0.3, 0.8)
    edge = MARGIN_M + bounds.speed * 0.1
    assert not is_jump(0.1, edge - 1e-9, 0.0, *bounds)
    assert is_jump(0.1, edge + 1e-9, 0.0, *bounds)
    moved = np.array([edge - 1e-9, edge + 1e-9])
    assert is_jump(0.1, moved, np.zeros(2), *bounds).tolist() == [False, True]


def test_angles_are_exact_where_they_are_small_and_for_both_signs() -> None:
    angles = np.array([0.0, 1e-9, 1e-3, 1.0, np.pi])
    q = quaternion_from_rotation_vector(np.stack([angles, 0 * angles, 0 * angles], axis=-1))
    still = np.array([0.0, 0.0, 0.0, 1.0])
    np.testing.assert_allclose(turned_between(still, q), angles, rtol=1e-6, atol=1e-15)
    np.testing.assert_allclose(turned_between(-still, q), angles, rtol=1e-6, atol=1e-15)
