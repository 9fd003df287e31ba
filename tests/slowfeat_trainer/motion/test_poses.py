"""Poses and twists that cannot be used are counted with their reason; the rest is used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.helpers.bag_factory import NS, START_S
from tests.helpers.driven_tracks import track_of
from tests.helpers.odometry_bags import odometry_with, set_x


def set_quaternion(*q: float) -> Any:
    def change(message: Any) -> None:
        o = message.pose.pose.orientation
        o.x, o.y, o.z, o.w = q

    return change


def set_stamp(seconds: float) -> Any:
    def change(message: Any) -> None:
        message.header.stamp.sec = int(seconds)
        message.header.stamp.nanosec = round(seconds % 1 * NS)

    return change


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (set_x(np.nan), "pose not finite"),
        (set_quaternion(0, 0, np.inf, 1), "pose not finite"),
        (set_quaternion(0, 0, 0, 0), "quaternion of length zero"),
        (set_quaternion(0, 0, 0, 2.0), "quaternion not of length one"),
        (set_quaternion(0, 0, 1e200, 1e200), "quaternion not of length one"),
        (b"\x00\x01\x00\x00\x01\x02", "message malformed"),
        (set_stamp(0), "stamp of zero"),
        (set_stamp(START_S + 5000), "stamp runs backwards"),
        (set_stamp(START_S + 9 / 20), "stamp repeated"),
        (set_x(80.0), "pose jumps there and back"),
        (lambda m: setattr(m, "child_frame_id", "lidar"), "pose of another frame"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_unusable_message_is_counted_with_its_reason(
    tmp_path: Path, change: Any, reason: str
) -> None:
    track, dropped, _ = track_of(odometry_with(tmp_path / "bag", {10: change, 30: None}))
    assert dropped == {f"odometry: {reason}": 1}
    expected = np.delete(np.arange(40) * 0.01, 10)
    np.testing.assert_allclose(track.positions[:, 0], expected, atol=1e-12)
    assert track.frame == "base_link"
    assert track.fixed_frame == "odom"


def test_quaternions_are_brought_to_length_one(tmp_path: Path) -> None:
    track, dropped, _ = track_of(
        odometry_with(tmp_path / "bag", {10: set_quaternion(0, 0, 0, 1.05)})
    )
    assert not dropped
    assert track.quaternions[10].tolist() == [0, 0, 0, 1]
