"""Stamped poses as a source of motion."""

from __future__ import annotations

from pathlib import Path

from rosbags.rosbag2 import Writer

from slowfeat_trainer.data.options import IngestOptions
from tests.helpers import motion_bags
from tests.helpers.bag_factory import BagRecipe, T, header
from tests.helpers.driven_tracks import track_of
from tests.helpers.motion_bags import make_motion_bag, write


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
    assert any("jump when the robot is localised again" in text for text in warnings)
