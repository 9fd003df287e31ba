"""A body's transforms on a topic of their own, as motion capture publishes them."""

from __future__ import annotations

from pathlib import Path

from rosbags.rosbag2 import Writer

from tests.helpers.bag_factory import NS, START_S, BagRecipe
from tests.helpers.driven_tracks import track_of
from tests.helpers.motion_bags import make_motion_bag, transform, write


def test_frames_are_those_of_the_messages(tmp_path: Path) -> None:
    track, dropped, warnings = track_of(make_motion_bag(tmp_path / "bag", "transform"))
    assert (track.frame, track.fixed_frame, track.topic) == ("base_link", "world", "/vicon/robot")
    assert not dropped
    assert warnings == []


def test_of_several_bodies_the_one_with_most_messages_is_taken(tmp_path: Path) -> None:
    def both(writer: Writer, _: BagRecipe) -> None:
        bodies = ["wand"] * 3 + ["base_link"] * 20
        stamps = [START_S * NS + k * NS // 20 for k in range(len(bodies))]
        rows = [
            (stamp, transform(stamp, "world", body, stamp % NS / NS, 0.0))
            for stamp, body in zip(stamps, bodies, strict=True)
        ]
        write(writer, "/vicon/robot", "geometry_msgs/msg/TransformStamped", rows)

    track, dropped, _ = track_of(make_motion_bag(tmp_path / "bag", both))
    assert track.frame == "base_link"
    assert len(track.stamps) == 20
    assert dropped == {"transform: pose of another frame": 3}
