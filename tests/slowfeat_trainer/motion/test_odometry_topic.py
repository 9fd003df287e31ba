"""A topic of odometry as a source of motion."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from rosbags.rosbag2 import Writer

from slowfeat.geometry import body_pose, pose_matrix, relative_motion
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


def set_x(x: float) -> Any:
    return lambda message: setattr(message.pose.pose.position, "x", x)


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


def test_a_topic_of_which_nothing_can_be_read_gives_an_empty_track(tmp_path: Path) -> None:
    broken = dict.fromkeys(range(40), b"\x00\x01\x00\x00")
    track, dropped, _ = track_of(odometry_with(tmp_path / "bag", broken))
    assert len(track) == 0
    assert dropped == {"odometry: message malformed": 40}
