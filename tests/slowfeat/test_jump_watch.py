"""Live odometry: each kind of jump is reported once, in words, and what is sound is not."""

from __future__ import annotations

import math

import pytest

from slowfeat.jump_watch import JumpWatch, Look
from slowfeat.odometry_jumps import Bounds

NS = 1_000_000_000
STILL = (0.0, 0.0, 0.0, 1.0)
LIMITS = Bounds.of_limits(0.3, 0.8)


class Source:
    """A robot at 0.3 m/s along x, 50 messages a second."""

    def __init__(self, twist: tuple[float, float] | None = None) -> None:
        self.watch, self.twist, self.limits = JumpWatch(), twist, None
        self.now, self.stamp, self.x, self.y = 5.0, 100 * NS, 0.0, 0.0
        self.frames, self.quaternion, self.frozen = ("odom", "base_link"), STILL, False

    def say(self) -> Look:
        self.now += 0.02
        self.stamp += NS // 50
        self.x += 0.0 if self.frozen else 0.006
        position = (self.x, self.y, 0.0)
        return self.watch.look(
            self.stamp, position, self.quaternion, self.frames, self.twist, self.now, self.limits
        )

    def run(self, count: int) -> list[str]:
        return [look.jump for look in (self.say() for _ in range(count)) if look.jump]


def test_a_sound_drive_never_jumps() -> None:
    assert Source((0.3, 0.0)).run(1000) == []


@pytest.mark.parametrize("learnt", [2, 300])
def test_a_jump_is_told_once(learnt: int) -> None:
    source = Source()
    source.run(learnt)
    source.y += 3.0
    assert source.say().jump == "the pose jumped by 3.00 m and 0 degrees within 0.020 s"
    assert source.run(200) == []


def test_limits_show_a_jump_of_a_hand_and_a_turn() -> None:
    source = Source()
    source.limits = LIMITS
    source.run(5)
    source.y += 0.1
    assert "jumped by 0.10 m" in source.say().jump
    source.quaternion = (0.0, 0.0, math.sin(0.15), math.cos(0.15))
    assert "17 degrees" in source.say().jump


def test_the_clock_and_the_frames_may_jump_too() -> None:
    source = Source()
    source.run(10)
    source.stamp += 5 * NS
    assert source.say().jump == "its clock ran ahead by 5 s"
    source.stamp -= 50 * NS
    assert source.say().jump == "its clock was set back by 50 s"
    source.frames = ("odom", "camera")
    assert source.say().jump == "its child frame changed from 'base_link' to 'camera'"
    source.frames = ("map", "camera")
    assert source.say().jump == "its fixed frame changed from 'odom' to 'map'"
    source.frames = ("/map", "/camera")
    assert source.run(50) == []


def test_odometry_that_pauses_and_goes_on_does_not_jump() -> None:
    source = Source()
    source.run(100)
    source.stamp += 4 * NS
    source.now += 4.0
    source.x += 1.2
    assert source.run(100) == []


def test_messages_out_of_order_or_twice_are_not_used_and_no_jump() -> None:
    source = Source()
    source.run(10)
    for behind, reason in ((0, "stamp repeated"), (NS // 20, "stamp out of order")):
        stamp = source.stamp - behind
        assert source.watch.look(stamp, (9.0, 0.0, 0.0), STILL) == Look(unused=reason)
    assert source.run(10) == []


def test_a_pose_that_stands_still_against_its_own_twist_is_told_once() -> None:
    source = Source((0.3, 0.0))
    source.run(200)
    source.frozen = True
    told = source.run(100)
    assert len(told) == 1
    assert "stood still" in told[0]
    assert "twist says 0.30 m/s" in told[0]


def test_a_robot_that_stands_still_by_its_twist_too_is_not_frozen() -> None:
    source = Source((0.3, 0.0))
    source.run(200)
    source.frozen, source.twist = True, (0.0, 0.0)
    assert source.run(100) == []
