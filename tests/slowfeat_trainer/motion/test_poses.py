"""Poses and twists that cannot be used are counted with their reason; the rest is used."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rosbags.rosbag2 import Writer

from slowfeat.geometry import body_pose, pose_matrix, relative_motion
from slowfeat_trainer import bags
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.motion.choose import find_source, read_track
from slowfeat_trainer.motion.track import Track
from tests.helpers import motion_bags
from tests.helpers.bag_factory import NS, START_S, STORE, BagRecipe, T, header, odometry_message
from tests.helpers.motion_bags import make_motion_bag, write

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
    """Forty odometry messages at 20 Hz; those in `changes` are changed by a function or replaced by bytes."""

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


def test_a_reset_is_reported_and_warned_of(tmp_path: Path) -> None:
    changes = {k: set_x(k * 0.01 + 9) for k in range(20, 40)}
    track, dropped, warnings = track_of(odometry_with(tmp_path / "bag", changes))
    assert track.jumps.tolist() == [START_S * NS + NS]
    assert not dropped
    assert any("/odom jumps 1 times" in text for text in warnings)


def test_poses_of_an_optical_frame_are_turned_where_they_are_used(tmp_path: Path) -> None:
    recipe = BagRecipe(body_frame="cam_optical_frame")
    track, _, _ = track_of(make_motion_bag(tmp_path / "bag", "odometry", recipe=recipe))
    assert track.frame == "cam_optical_frame"
    poses = body_pose(pose_matrix(track.positions, track.quaternions), track.frame)
    motion = relative_motion(poses[0], poses[10])
    # The recipe turns about z and moves along x, which for an optical frame are forward and right.
    assert abs(motion[3]) > 0.05
    assert motion[1] < -0.1


def test_poses_without_a_frame_are_of_base_link_unless_the_user_says_so(tmp_path: Path) -> None:
    bag = make_motion_bag(tmp_path / "bag", "pose")
    track, _, warnings = track_of(bag)
    assert (track.frame, track.fixed_frame) == ("base_link", "world")
    assert any("--body-frame camera_rgb_optical_frame" in text for text in warnings)
    track, _, warnings = track_of(bag, IngestOptions(body_frame="cam_optical_frame"))
    assert track.frame == "cam_optical_frame"
    assert not warnings


def test_poses_in_map_are_warned_of(tmp_path: Path) -> None:
    kind = "geometry_msgs/msg/PoseStamped"

    def fill(writer: Writer, r: BagRecipe) -> None:
        rows = [
            (
                motion_bags.stamp_of(r, t),
                T[kind](
                    header=header(motion_bags.stamp_of(r, t), "map"),
                    pose=motion_bags.pose_message(t, 0.0),
                ),
            )
            for t in motion_bags.times(r)
        ]
        write(writer, "/pose", kind, rows)

    _, _, warnings = track_of(make_motion_bag(tmp_path / "bag", fill))
    assert any("jump when the robot is localised anew" in text for text in warnings)


def test_wild_and_broken_twists_are_counted(tmp_path: Path) -> None:
    kind = "geometry_msgs/msg/TwistStamped"

    def fill(writer: Writer, r: BagRecipe) -> None:
        rows = []
        for k, t in enumerate(motion_bags.times(r)):
            twist = motion_bags.twist_message(r, t)
            if k in (10, 11):
                twist.linear.x = [np.nan, 1e300][k - 10]
            stamp = motion_bags.stamp_of(r, t)
            rows.append((stamp, T[kind](header=header(stamp, "odom"), twist=twist)))
        write(writer, "/cmd_vel", kind, rows)

    track, dropped, warnings = track_of(make_motion_bag(tmp_path / "bag", fill))
    assert dropped == {"twist: twist not finite": 1, "twist: twist faster than any robot": 1}
    assert np.isfinite(track.positions).all()
    assert track.frame == "base_link"
    assert any("taken as the body's own" in text for text in warnings)


def test_a_topic_of_which_nothing_can_be_read_gives_an_empty_track(tmp_path: Path) -> None:
    broken = dict.fromkeys(range(40), b"\x00\x01\x00\x00")
    track, dropped, _ = track_of(odometry_with(tmp_path / "bag", broken))
    assert len(track) == 0
    assert dropped == {"odometry: message malformed": 40}
