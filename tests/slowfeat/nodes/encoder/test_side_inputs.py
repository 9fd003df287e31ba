"""camera_info, ~/motions, and stamps that make no sense, through the node in this process."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import Pose, PoseArray, Quaternion
from rclpy.parameter import Parameter
from rclpy.qos import DurabilityPolicy, QoSProfile
from sensor_msgs.msg import CameraInfo, Image
from slowfeat_interfaces.msg import BundleInfo, Embedding, PredictedEmbeddings

from slowfeat.bundle import load_bundle, write_bundle
from slowfeat.camera_info import camera_from_info
from slowfeat.encoder import Encoder
from slowfeat.nodes.encoder.encoder_node import EncoderNode
from slowfeat.rectify import Rectifier
from tests.conftest import tiny_encoder, tiny_info, tiny_transform
from tests.slowfeat.nodes.conftest import Robot, image_message, odometry_message

START = 1_700_000_000_000_000_000
MS = 1_000_000
LATCHED = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
MakeNode = Callable[..., EncoderNode]


@pytest.fixture
def make_node(robot: Robot, tmp_path: Path) -> Iterator[MakeNode]:
    """An active node of a bundle whose training camera had 50 degrees, on the robot's executor."""
    info = tiny_info()
    info.horizontal_fov = math.radians(50)
    write_bundle(tmp_path / "narrow", info, tiny_encoder(), tiny_transform())
    made: list[EncoderNode] = []

    def make(*ros_args: str, **parameters: Any) -> EncoderNode:
        values = {"model": str(tmp_path / "narrow"), **parameters}
        overrides = [Parameter(name, value=value) for name, value in values.items()]
        node = EncoderNode(overrides, ["--ros-args", *ros_args], context=robot.context)
        assert node.start()
        robot.executor.add_node(node)
        made.append(node)
        return node

    yield make
    for node in made:
        robot.executor.remove_node(node)
        node.close()
        node.destroy_node()


def camera_info(size: tuple[int, int] = (48, 64), fov_deg: float = 80.0) -> CameraInfo:
    focal = size[1] / 2 / math.tan(math.radians(fov_deg / 2))
    centre = [(size[1] - 1) / 2, (size[0] - 1) / 2]
    k = [focal, 0.0, centre[0], 0.0, focal, centre[1], 0.0, 0.0, 1.0]
    d = [-0.2, 0.05, 0.0, 0.0, 0.0]
    return CameraInfo(height=size[0], width=size[1], k=k, d=d, distortion_model="plumb_bob")


@pytest.mark.parametrize(("mode", "done"), [("undistort", "undistorted"), ("match", "cropped")])
def test_frames_are_rectified_by_the_camera_info_beside_them_and_info_says_so(
    robot: Robot, make_node: MakeNode, mode: str, done: str
) -> None:
    node = make_node("--remap", "image:=/cam/image_raw", rectify=mode)
    infos = robot.listen(BundleInfo, "/encoder/info", LATCHED)
    embeddings = robot.listen(Embedding, "/encoder/embedding")
    camera = robot.publisher(Image, "/cam/image_raw")
    calibration = robot.publisher(CameraInfo, "/cam/camera_info")
    image = image_message(START)
    robot.send_until(camera, image, lambda: node._counts.counters.malformed_images)
    assert embeddings == []  # not as the bundle expects it, so not at all
    assert "or /cam/camera_info yet" in node._health()[1]
    message = camera_info()
    calibration.publish(message)
    robot.send_until(camera, image, lambda: embeddings)
    encoder = Encoder(load_bundle(str(node.get_parameter("model").value)))
    pixels = np.frombuffer(image.data, np.uint8).reshape(48, 64, 3)
    rectifier = Rectifier(camera_from_info(message), mode, (16, 24), math.radians(50))
    expected = encoder.embed(rectifier.apply(pixels))
    np.testing.assert_allclose(embeddings[0].data, expected, rtol=1e-5)
    assert not np.allclose(expected, encoder.embed(pixels), rtol=1e-3)
    robot.spin_until(lambda: infos[-1].image_preparation, "a renewed ~/info")
    assert done in infos[-1].image_preparation
    assert infos[-1].horizontal_fov == pytest.approx(math.radians(50))


def test_camera_info_that_cannot_be_used_is_named_and_a_good_one_mends_it(
    robot: Robot, make_node: MakeNode
) -> None:
    node = make_node(rectify="match")
    embeddings = robot.listen(Embedding, "/encoder/embedding")
    camera = robot.publisher(Image, "/image")
    calibration = robot.publisher(CameraInfo, "/camera_info")
    for bad, reason in (
        (CameraInfo(height=48, width=64), "calibrate the camera"),
        (camera_info((64, 64)), "do not belong together"),
    ):
        calibration.publish(bad)
        robot.send_until(
            camera,
            image_message(START),
            lambda: reason in node._counts.last_image_problem,  # noqa: B023
        )
    assert embeddings == []
    calibration.publish(camera_info())
    robot.send_until(camera, image_message(START), lambda: embeddings)


def pose(x: float = 0.0, w: float = 1.0) -> Pose:
    made = Pose(orientation=Quaternion(w=w))
    made.position.x = x
    return made


def test_motions_come_by_topic_and_malformed_ones_are_counted(
    robot: Robot, make_node: MakeNode
) -> None:
    node = make_node()
    predictions = robot.listen(PredictedEmbeddings, "/encoder/predictions")
    camera = robot.publisher(Image, "/image")
    wanted = robot.publisher(PoseArray, "/encoder/motions")
    wanted.publish(PoseArray(poses=[pose(0.1), pose(0.2), pose(0.3)]))
    robot.send_until(
        camera, image_message(START), lambda: predictions and len(predictions[-1].motions) == 3
    )
    assert predictions[-1].motions[2].translation.x == pytest.approx(0.3)
    other_frame = PoseArray(poses=[pose()])
    other_frame.header.frame_id = "map"
    huge = PoseArray(poses=[pose()] * 10_001)
    for bad in (
        PoseArray(poses=[pose(math.nan)]),
        PoseArray(poses=[pose(w=0.5)]),
        other_frame,
        huge,
    ):
        before = node._counts.counters.malformed_motions
        wanted.publish(bad)
        robot.spin_until(lambda: node._counts.counters.malformed_motions == before + 1)  # noqa: B023
    assert len(node._motions) == 18  # as before
    wanted.publish(PoseArray())  # empty: the bundle's motion patterns again
    robot.send_until(camera, image_message(START), lambda: len(predictions[-1].motions) == 2)


def test_time_that_runs_backwards_starts_the_check_afresh_and_is_counted_once(
    robot: Robot, make_node: MakeNode
) -> None:
    node = make_node(queue_depth=100)
    camera = robot.publisher(Image, "/image")
    wheels = robot.publisher(type(odometry_message(START)), "/odom")

    def lap(start: int) -> None:
        for i in range(20):
            wheels.publish(odometry_message(start + i * 100 * MS, x=0.1 * i))
            camera.publish(image_message(start + i * 100 * MS, seed=i))
            robot.spin_for(0.01)

    embedded = node._counts.counters
    lap(START + 100_000 * MS)
    robot.spin_until(lambda: embedded.embedded + embedded.dropped >= 20)
    compared = node.check.self_check.verdict().comparisons
    assert compared > 5
    lap(START)  # the bag begins again
    robot.spin_until(lambda: embedded.embedded + embedded.dropped >= 40)
    assert node._counts.counters.time_jumps == 1
    assert 5 < node.check.self_check.verdict().comparisons <= 20


def test_stamps_from_the_future_are_counted_and_the_images_embedded(
    robot: Robot, make_node: MakeNode
) -> None:
    make_node()
    embeddings = robot.listen(Embedding, "/encoder/embedding")
    diagnostics = robot.listen(DiagnosticArray, "/diagnostics")
    camera = robot.publisher(Image, "/image")
    future = robot.node.get_clock().now().nanoseconds + 3_600_000 * MS
    robot.send_until(camera, image_message(future), lambda: embeddings)

    def counted() -> int:
        values = diagnostics[-1].status[0].values if diagnostics else []
        return next((int(v.value) for v in values if v.key == "Stamps from the future"), 0)

    robot.spin_until(lambda: counted() >= 1, "the count on /diagnostics")
