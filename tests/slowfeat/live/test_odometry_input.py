"""Odometry as the view selector believes it: silent, out of order or jumping, it says so."""

from __future__ import annotations

import math

import numpy as np
import pytest

from slowfeat.geometry import motion_matrix
from slowfeat.live.odometry_input import CALM_S, OdometryInput, OdometryMessage, read_odometry
from slowfeat.odometry import NS

TIMEOUT_S = 0.3


def message(time_s: float, x: float = 0.0, stamp_s: float | None = None) -> OdometryMessage:
    """A pose x m ahead, of a stamp: that of the time, where none is given."""
    stamp_ns = round((time_s if stamp_s is None else stamp_s) * NS)
    return OdometryMessage.of_pose(stamp_ns, motion_matrix([x, 0, 0, 0, 0, 0]))


def driven(seconds: float = 2.0) -> OdometryInput:
    """An input that heard of a robot driving 0.2 m/s, ten times a second, from 10 s on."""
    heard = OdometryInput()
    for k in range(round(seconds * 10)):
        now = 10 + k / 10
        assert heard.take(message(now, 0.02 * k), now, None) == ""
    return heard


def test_none_at_all_and_silence_are_told() -> None:
    assert OdometryInput().lost(10.0, TIMEOUT_S) == "no odometry comes"
    heard = driven()
    assert heard.lost(11.9 + 0.2, TIMEOUT_S) == ""
    assert heard.lost(11.9 + 0.5, TIMEOUT_S) == "odometry has not come for 0.50 s"


def test_one_bad_message_ends_nothing_and_two_at_once_do() -> None:
    heard = driven()
    heard.take_bad(11.9)
    assert heard.lost(11.95, TIMEOUT_S) == ""
    heard.take_bad(11.95)
    assert "cannot be used" in heard.lost(12.0, TIMEOUT_S)
    assert heard.lost(12.19, TIMEOUT_S) != ""
    assert "cannot be used" not in heard.lost(12.3, TIMEOUT_S)


def test_stamps_that_go_back_and_forth_count_as_bad() -> None:
    heard = driven()
    for k in range(3):
        heard.take(message(12 + k / 50, stamp_s=11.5), 12 + k / 50, None)
    assert "back and forth" in heard.lost(12.05, TIMEOUT_S)


def test_a_jump_is_told_with_the_pose_before_it_and_calm_comes_after_a_while() -> None:
    heard = driven()
    assert heard.calm(11.9)
    last = heard.pose
    assert heard.take(message(12.0, 30.0), 12.0, None) != ""
    np.testing.assert_array_equal(heard.pose_before, last)
    assert heard.pose is not None
    assert heard.pose[0, 3] == 30.0
    assert not heard.calm(12.0 + CALM_S - 0.1)
    assert heard.calm(12.0 + CALM_S)


def test_what_is_read_is_a_pose_of_the_body_or_a_reason() -> None:
    half = math.sqrt(0.5)
    frames = ("odom", "base_link")
    read = read_odometry(
        5, (1.0, 2.0, 0.0), (0.0, 0.0, 1.001 * half, 1.001 * half), frames, None, None
    )
    assert isinstance(read, OdometryMessage)
    np.testing.assert_allclose(read.T_odom_body[:2], [[0, -1, 0, 1], [1, 0, 0, 2]], atol=1e-9)
    assert math.hypot(*read.quaternion) == pytest.approx(1.0)
    optical = read_odometry(5, (0.0,) * 3, (0.0, 0.0, 0.0, 1.0), ("odom", "eye_optical"), None)
    assert isinstance(optical, OdometryMessage)
    # What is ahead of the body is the z axis of its camera.
    np.testing.assert_allclose(optical.T_odom_body[:3, 0], [0, 0, 1], atol=1e-9)
    for position, quaternion in (((math.nan, 0, 0), (0, 0, 0, 1)), ((0, 0, 0), (0, 0, 0, 0))):
        assert isinstance(read_odometry(5, position, quaternion, frames, None), str)
