"""Frames by name with prefixes, by transforms, by the bundle's own
mount; a camera that was moved.
"""

from __future__ import annotations

import numpy as np
import pytest

from slowfeat.bundle_info import Frames
from slowfeat.geometry import (
    R_BODY_OPTICAL,
    Array,
    invert_pose,
    motion_matrix,
    quaternion_from_matrix,
)
from slowfeat.live.frame_check import FrameCheck
from slowfeat.live.frames import bare, prefixed, same_frame
from slowfeat.live.input_health import InputHealth, Level
from slowfeat.live.static_transforms import StaticTransforms

MOUNT = np.eye(4)
MOUNT[:3, :3], MOUNT[:3, 3] = R_BODY_OPTICAL, (0.1, 0.0, 0.3)
EXTRINSIC = [*MOUNT[:3, 3].tolist(), *quaternion_from_matrix(R_BODY_OPTICAL).tolist()]
FRAMES = Frames("base_link", "camera_optical_frame", EXTRINSIC)


class Bench:
    def __init__(self) -> None:
        self.tree, self.health, self.said = StaticTransforms(), InputHealth(), list[str]()
        self.check = FrameCheck(self.tree.lookup, self.health, self.said.append)

    def state(self) -> tuple[Level, str]:
        self.health.image(10**9, 0.0)
        self.health.odometry(10**9, 0.0)
        return self.health.state(0.0)

    def child(self, name: str, fixed: str = "odom") -> Array | None:
        return self.check.odometry(fixed, name, FRAMES)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("base_link", "base_link", True),
        ("robot1/base_link", "base_link", True),
        ("/base_link", "robot2/base_footprint", True),
        ("base_link", "camera", False),
        ("robot1/camera_optical_frame", "camera_optical_frame", True),
        ("my_base_link", "base_link", False),
    ],
)
def test_names_of_one_frame(one: str, other: str, same: bool) -> None:
    assert same_frame(one, other) is same


def test_prefixes_come_and_go() -> None:
    assert bare("/robot1/base_link") == "base_link"
    assert prefixed("base_link", "robot1/camera") == "robot1/base_link"
    assert prefixed("base_link", "camera") == "base_link"


@pytest.mark.parametrize("name", ["base_link", "robot1/base_link", "base_footprint", ""])
def test_the_body_by_whichever_name_is_taken_as_it_is(name: str) -> None:
    bench = Bench()
    assert bench.child(name) is None
    assert bench.state() == (Level.OK, "")
    assert bench.said == []


def test_a_child_that_nobody_knows_is_a_warning_and_each_new_one_is_said_once() -> None:
    bench = Bench()
    for name in ("lidar", "lidar", "imu", "lidar", "imu"):
        assert bench.child(name) is None
    assert bench.state()[0] is Level.WARN
    assert "'imu'" in bench.state()[1]
    assert len(bench.said) == 2
    bench.child("base_link")
    assert bench.state() == (Level.OK, "")


def test_odometry_of_a_camera_is_turned_to_the_body_by_tf() -> None:
    bench = Bench()
    bench.tree.add("robot1/base_link", "robot1/mast", motion_matrix([0, 0, 0.2, 0, 0, 0]))
    turned = motion_matrix([0.1, 0.05, 0.1, 0, 0.3, 0])
    bench.tree.add("robot1/mast", "robot1/vio", turned)
    T_child_body = bench.child("robot1/vio")
    assert T_child_body is not None
    T_body_child = motion_matrix([0, 0, 0.2, 0, 0, 0]) @ turned
    np.testing.assert_allclose(T_child_body, invert_pose(T_body_child), atol=1e-12)
    assert bench.state() == (Level.OK, "")


def test_a_vio_of_the_bundles_camera_needs_no_tf_and_gets_its_lever_arm() -> None:
    bench = Bench()
    T_child_body = bench.child("camera_optical_frame")
    assert T_child_body is not None
    # The body turns on the spot: the camera moves on a circle, and the body does not.
    turn = motion_matrix([0, 0, 0, 0, 0, 0.5])
    bodies = [pose @ MOUNT @ T_child_body for pose in (np.eye(4), turn)]
    np.testing.assert_allclose(bodies[0], np.eye(4), atol=1e-12)
    np.testing.assert_allclose(bodies[1], turn, atol=1e-12)


def test_odometry_in_map_is_a_warning() -> None:
    bench = Bench()
    bench.child("base_link", fixed="robot1/map")
    assert bench.state()[0] is Level.WARN
    assert "jumps when the robot is localised" in bench.state()[1]
    bench.child("base_link", fixed="odom")
    assert bench.state()[0] is Level.OK


def test_a_camera_that_was_turned_by_ten_degrees_is_a_warning_with_the_figures() -> None:
    bench = Bench()
    bench.check.image("camera_optical_frame", FRAMES)
    bench.check.mount(FRAMES)
    assert bench.state() == (Level.OK, "")  # nobody knows
    bench.tree.add("base_link", "camera_optical_frame", MOUNT)
    bench.check.mount(FRAMES)
    assert bench.state() == (Level.OK, "")
    turned = MOUNT @ motion_matrix([0, 0, 0, 0, np.deg2rad(10), 0])
    turned[2, 3] += 0.08
    bench.tree.add("base_link", "camera_optical_frame", turned)
    for _ in range(3):
        bench.check.mount(FRAMES)
    level, reason = bench.state()
    assert level is Level.WARN
    assert "turned by 10 degrees and shifted by 0.08 m" in reason
    assert bench.said == [reason]


def test_the_mount_is_found_under_a_prefix_and_small_differences_are_none() -> None:
    bench = Bench()
    moved = MOUNT @ motion_matrix([0.01, 0, 0, 0, np.deg2rad(1), 0])
    bench.tree.add("robot1/base_link", "robot1/camera_optical_frame", moved)
    bench.child("robot1/base_link")
    bench.check.image("robot1/camera_optical_frame", FRAMES)
    bench.check.mount(FRAMES)
    assert bench.state() == (Level.OK, "")


def test_images_of_another_frame_are_said_once_each() -> None:
    bench = Bench()
    for name in ("camera_optical_frame", "rear", "rear", "left", "rear", "r/camera_optical_frame"):
        bench.check.image(name, FRAMES)
    assert [("'rear'" in text, "'left'" in text) for text in bench.said] == [
        (True, False),
        (False, True),
    ]


def test_a_loop_of_transforms_ends_and_strangers_are_not_connected() -> None:
    tree = StaticTransforms()
    tree.add("a", "b", np.eye(4))
    tree.add("b", "a", np.eye(4))
    assert tree.lookup("a", "c") is None
    assert tree.lookup("x", "y") is None
