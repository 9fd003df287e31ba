"""A drive of robot1, odometry of its camera, a camera that was turned: frames by tf2 (a double:
tf2_ros is not among the wheels), from the message to the motion and the warning.
"""

from __future__ import annotations

import time
import types
from typing import Any

import numpy as np
import pytest
from geometry_msgs.msg import TransformStamped
from nav_msgs.msg import Odometry

from slowfeat.bundle_info import Frames
from slowfeat.geometry import (
    R_BODY_OPTICAL,
    Array,
    invert_pose,
    motion_matrix,
    quaternion_from_matrix,
    relative_motion,
)
from slowfeat.live.input_health import Level
from slowfeat.live.motion_check import MotionCheck
from slowfeat.live.preparation import NONE
from slowfeat.live.statistics import Statistics
from slowfeat.nodes import transforms
from slowfeat.nodes.encoder.side_inputs import SideInputs

BODY, CAMERA = "robot1/base_link", "robot1/camera_optical_frame"
MOUNT = np.eye(4)
MOUNT[:3, :3], MOUNT[:3, 3] = R_BODY_OPTICAL, (0.25, 0.0, 0.3)
EXTRINSIC = [*MOUNT[:3, 3].tolist(), *quaternion_from_matrix(R_BODY_OPTICAL).tolist()]
# As the bundle has them: from another robot, without a prefix.
FRAMES = Frames("base_link", "camera_optical_frame", EXTRINSIC)
START_NS, STEP_NS, COUNT = 10**18, 50_000_000, 40
# Of the body between two messages: an arc, on which a lever arm shows.
STEP = motion_matrix([0.02, 0, 0, 0, 0, 0.05])


class Tree:
    """A tf2_ros of exact names that knows where one frame is in another."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, str], Array] = {}

    def add(self, parent: str, child: str, T: Array) -> None:
        self.known[parent, child], self.known[child, parent] = T, invert_pose(T)

    def lookup_transform(self, target: str, source: str, _time: Any) -> TransformStamped:
        return stamped(self.known[target, source])


def stamped(T: Array) -> TransformStamped:
    message, q = TransformStamped(), quaternion_from_matrix(T[:3, :3])
    t, r = message.transform.translation, message.transform.rotation
    t.x, t.y, t.z = T[:3, 3].tolist()
    r.x, r.y, r.z, r.w = q.tolist()
    return message


class Bench:
    """The encoder's side inputs without a middleware."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.tree, self.callbacks, self.said = Tree(), dict[str, Any](), list[str]()
        tf2 = types.SimpleNamespace(
            Buffer=lambda: self.tree,
            TransformListener=lambda _buffer, _node: None,
            TransformException=KeyError,
            Time=lambda: None,
        )
        monkeypatch.setattr(transforms, "tf2_ros", tf2)
        self.check = MotionCheck()
        pipeline: Any = types.SimpleNamespace(
            check=self.check,
            encoder=types.SimpleNamespace(info=types.SimpleNamespace(frames=FRAMES)),
            preparation=types.SimpleNamespace(mode=NONE),
            health=types.SimpleNamespace(relay=lambda _message: None),
        )
        log = types.SimpleNamespace(warning=lambda text, **_: self.said.append(text))
        node: Any = types.SimpleNamespace(
            create_subscription=self._subscribe, get_logger=lambda: log
        )
        watch: Any = types.SimpleNamespace(look_at=lambda _stamp, _kind: None)
        self.inputs = SideInputs(node, pipeline, Statistics(), watch, lambda _motions: None)

    def _subscribe(self, _kind: Any, topic: str, callback: Any, *_: Any, **__: Any) -> Any:
        self.callbacks[topic] = callback
        return types.SimpleNamespace(topic_name=topic)

    def drive(self, child: str, T_body_child: Array) -> None:
        T_odom_body = motion_matrix([3.0, -2.0, 0, 0, 0, 1.0])
        for k in range(COUNT):
            message = Odometry(child_frame_id=child)
            stamp = START_NS + k * STEP_NS
            message.header.stamp.sec, message.header.stamp.nanosec = divmod(stamp, 10**9)
            message.header.frame_id = "robot1/odom"
            pose = stamped(T_odom_body @ T_body_child).transform
            p, t = message.pose.pose.position, pose.translation
            p.x, p.y, p.z, message.pose.pose.orientation = t.x, t.y, t.z, pose.rotation
            self.callbacks["odom"](message)
            T_odom_body = T_odom_body @ STEP

    def motion(self) -> Array:
        """Of the body over the last step of the drive, as predictions are asked for it."""
        poses = [self.check.pose_at(START_NS + k * STEP_NS) for k in (COUNT - 2, COUNT - 1)]
        assert poses[0] is not None
        assert poses[1] is not None
        return relative_motion(poses[0], poses[1])

    def level(self) -> tuple[Level, str]:
        self.check.inputs.image(START_NS + COUNT * STEP_NS, time.monotonic())
        return self.check.inputs.state(time.monotonic())


WANTED = relative_motion(np.eye(4), STEP)


def test_a_drive_of_robot1_is_that_of_the_bundles_body(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(monkeypatch)
    bench.tree.add(BODY, CAMERA, MOUNT)
    bench.drive(BODY, np.eye(4))
    bench.inputs.frames.image(CAMERA, FRAMES)
    bench.inputs.frames.mount(FRAMES)
    np.testing.assert_allclose(bench.motion(), WANTED, atol=1e-9)
    assert bench.said == []


@pytest.mark.parametrize("by_tf", [True, False])
def test_vio_of_the_camera_gives_the_motion_of_the_body(
    monkeypatch: pytest.MonkeyPatch, by_tf: bool
) -> None:
    bench = Bench(monkeypatch)
    if by_tf:
        bench.tree.add(BODY, CAMERA, MOUNT)
    bench.drive(CAMERA, MOUNT)
    np.testing.assert_allclose(bench.motion(), WANTED, atol=1e-9)
    assert bench.said == [
        f"odometry is of frame {CAMERA!r}; it is turned to 'base_link' by its mount"
    ]


def test_vio_of_another_frame_of_the_robot_needs_tf(monkeypatch: pytest.MonkeyPatch) -> None:
    T_body_vio = motion_matrix([-0.2, 0.1, 0.4, 0.1, 0.3, 2.0])
    bench = Bench(monkeypatch)
    bench.drive("robot1/vio_link", T_body_vio)
    assert bench.level()[0] is Level.WARN
    assert "the transform between them is unknown" in bench.said[0]
    bench = Bench(monkeypatch)
    bench.tree.add(BODY, "robot1/vio_link", T_body_vio)
    bench.drive("robot1/vio_link", T_body_vio)
    np.testing.assert_allclose(bench.motion(), WANTED, atol=1e-9)
    assert bench.level() == (Level.OK, "")


@pytest.mark.parametrize("child", [BODY, CAMERA])
def test_a_camera_turned_by_ten_degrees_after_training(
    monkeypatch: pytest.MonkeyPatch, child: str
) -> None:
    bench = Bench(monkeypatch)
    turned = MOUNT @ motion_matrix([0, 0, 0, 0, np.deg2rad(10), 0])
    bench.tree.add(BODY, CAMERA, turned)
    bench.drive(child, np.eye(4) if child == BODY else turned)
    bench.inputs.frames.image(CAMERA, FRAMES)
    bench.inputs.frames.mount(FRAMES)
    # The motions are right all the same: they are those of the body.
    np.testing.assert_allclose(bench.motion(), WANTED, atol=1e-9)
    assert "turned by 10 degrees and shifted by 0.00 m" in bench.said[-1]
    level, reason = bench.level()
    assert level is Level.WARN
    assert "was moved since the training" in reason
