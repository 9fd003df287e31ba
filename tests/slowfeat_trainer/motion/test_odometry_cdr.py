"""Poses read from the bytes are those that rosbags deserialises."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from slowfeat_trainer import bags
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.motion import odometry_topic as odometry
from slowfeat_trainer.motion.odometry_cdr import is_standard, read_block
from slowfeat_trainer.motion.poses import numbers_of_pose
from tests.helpers.bag_factory import STORE, odometry_message
from tests.helpers.bag_formats import FORMATS
from tests.helpers.motion_bags import make_motion_bag

ODOMETRY = "nav_msgs/msg/Odometry"


def serialised(message: Any) -> bytes:
    return bytes(STORE.serialize_cdr(message, ODOMETRY))


def random_message(rng: np.random.Generator, fixed: str, frame: str) -> Any:
    message = odometry_message(int(rng.integers(0, 2**31 * 10**9)), 0.0, 0.0, frame)
    message.header.frame_id = fixed
    p, q = message.pose.pose.position, message.pose.pose.orientation
    p.x, p.y, p.z, q.x, q.y, q.z, q.w = rng.normal(size=7).tolist()
    return message


# Names of every length modulo eight, for the alignment, and one that is not ASCII.
@pytest.mark.parametrize("frame", ["", *("base_link"[:n] for n in range(1, 9)), "gestell_ä"])
@pytest.mark.parametrize("fixed", ["odom", "", "w", "world_enu"])
def test_bytes_and_messages_say_the_same(fixed: str, frame: str) -> None:
    rng = np.random.default_rng(len(frame))
    messages = [random_message(rng, fixed, frame) for _ in range(5)]
    block = read_block([serialised(message) for message in messages])
    assert block is not None
    assert block.frames == (fixed, frame)
    assert block.header_ns.tolist() == [bags.header_stamp_ns(message) for message in messages]
    assert block.values.tolist() == [list(numbers_of_pose(m.pose.pose)) for m in messages]


def test_messages_that_are_not_alike_are_left_to_rosbags() -> None:
    rng = np.random.default_rng(0)
    one = serialised(random_message(rng, "odom", "base_link"))
    for other in (
        serialised(random_message(rng, "odom", "base_lynx")),
        serialised(random_message(rng, "map_", "base_link")),
        serialised(random_message(rng, "odom", "base")),
        one[:-1],
        b"\x00\x00" + one[2:],
    ):
        assert read_block([one, other]) is None
    # Nor are bytes taken that are no Odometry in little endian.
    for raw in (b"", b"\x00\x01\x00\x00\x01", one[:200], b"\x00\x00" + one[2:]):
        assert read_block([raw, raw]) is None
    assert read_block([]) is None
    # A string that claims to be longer than the message.
    assert read_block([one[:12] + b"\xff\xff\xff\x7f" + one[16:]]) is None


@pytest.mark.parametrize("name", ["mcap", "db3", "ros1"])
def test_the_fast_way_is_taken_where_the_definition_is_standard(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bag = FORMATS[name](make_motion_bag(tmp_path / "made", "odometry"), tmp_path / "bag")
    tracks = []
    with bags.open_bag(bag) as reader:
        assert is_standard(reader) == (name != "ros1")
        topic = bags.topics_of(reader)[0]
        for fast in (True, False):
            if not fast:
                monkeypatch.setattr(odometry, "is_standard", lambda _: False)
            tracks.append(odometry.read_odometry(reader, topic, IngestOptions(), Counter(), []))
    fast_track, general = tracks
    assert len(general) == 244
    np.testing.assert_array_equal(fast_track.stamps, general.stamps)
    np.testing.assert_array_equal(fast_track.positions, general.positions)
    np.testing.assert_array_equal(fast_track.quaternions, general.quaternions)
    assert (fast_track.frame, fast_track.fixed_frame) == (general.frame, general.fixed_frame)
