"""Poses and twists that cannot be used are counted with their reason; the rest is used."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rosbags.rosbag2 import Writer

from slowfeat_trainer import bags
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.motion.choose import find_source, read_track
from slowfeat_trainer.motion.track import Track
from tests.helpers.bag_factory import NS, START_S, STORE, BagRecipe, odometry_message
from tests.helpers.motion_bags import make_motion_bag

ODOMETRY = "nav_msgs/msg/Odometry"


def track_of(
    path: Path, options: IngestOptions | None = None
) -> tuple[Track, Counter[str], list[str]]:
    dropped: Counter[str] = Counter()
    warnings: list[str] = []
    options = options or IngestOptions(wheelbase_m=0.3)
    with bags.open_bag(path) as reader:
        source = find_source(reader, bags.topics_of(reader), options, path)
        return read_track(reader, source, options, dropped, warnings), dropped, warnings


def odometry_with(path: Path, changes: dict[int, Any]) -> Path:
    """Forty odometry messages at 20 Hz; those in `changes` are changed by a
    function or replaced by bytes.
    """

    def fill(writer: Writer, _: BagRecipe) -> None:
        connection = writer.add_connection("/odom", ODOMETRY, typestore=STORE)
        for k in range(40):
            stamp = START_S * NS + k * NS // 20
            message = odometry_message(stamp, k * 0.01, 0.0, "base_link")
            change = changes.get(k)
            if isinstance(change, bytes):
                writer.write(connection, stamp, change)
                continue
            if change is not None:
                change(message)
            writer.write(connection, stamp, STORE.serialize_cdr(message, ODOMETRY))

    return make_motion_bag(path, fill)


def set_quaternion(*q: float) -> Any:
    def change(message: Any) -> None:
        o = message.pose.pose.orientation
        o.x, o.y, o.z, o.w = q

    return change


def set_x(x: float) -> Any:
    return lambda message: setattr(message.pose.pose.position, "x", x)


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
