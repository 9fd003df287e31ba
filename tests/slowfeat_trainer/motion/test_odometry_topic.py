"""A topic of odometry as a source of motion."""

from __future__ import annotations

from pathlib import Path

from slowfeat.geometry import body_pose, pose_matrix, relative_motion
from tests.helpers.bag_factory import NS, START_S, BagRecipe
from tests.helpers.driven_tracks import track_of
from tests.helpers.motion_bags import make_motion_bag
from tests.helpers.odometry_bags import odometry_with, set_x


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
