"""Images reach the node, whatever the transport and the reliability of their publishers."""

from __future__ import annotations

from pathlib import Path
from subprocess import Popen
from typing import Any

import cv2
import numpy as np
import pytest
from rclpy.qos import QoSProfile, ReliabilityPolicy, qos_profile_sensor_data
from sensor_msgs.msg import CompressedImage, Image
from slowfeat_interfaces.msg import Embedding

from slowfeat.bundle import load_bundle
from slowfeat.encoder import Encoder
from slowfeat.images import decode_compressed
from tests.slowfeat.nodes.conftest import Robot, image_message, start_node

pytestmark = pytest.mark.usefixtures("node")
MS = 1_000_000
START = 1_700_000_000_000_000_123


def pixels_of(message: Image) -> Any:
    return np.frombuffer(message.data, np.uint8).reshape(message.height, message.width, 3)


def test_every_frame_of_a_stream_arrives_once_with_its_own_stamp(robot: Robot) -> None:
    embeddings = robot.listen(Embedding, "/encoder/embedding")
    camera = robot.publisher(Image, "/image")
    robot.send_until(camera, image_message(START), lambda: embeddings)
    robot.spin_for(1.0)  # the node turns to the reliable QoS that this publisher offers
    embeddings.clear()
    stamps = [START + (i + 1) * 40 * MS for i in range(40)]
    for stamp in stamps:
        camera.publish(image_message(stamp, seed=stamp % 1000))
        robot.spin_for(0.04)
    robot.spin_until(lambda: len(embeddings) >= len(stamps), "all embeddings")
    got = [m.header.stamp.sec * 1_000_000_000 + m.header.stamp.nanosec for m in embeddings]
    assert got == stamps


def test_subscription_follows_the_publishers_reliability(robot: Robot) -> None:
    def reliabilities() -> set[Any]:
        return {
            item.qos_profile.reliability
            for item in robot.node.get_subscriptions_info_by_topic("/image")
        }

    embeddings = robot.listen(Embedding, "/encoder/embedding")
    for qos, wanted in (
        (QoSProfile(depth=5), ReliabilityPolicy.RELIABLE),
        (qos_profile_sensor_data, ReliabilityPolicy.BEST_EFFORT),
    ):
        camera = robot.publisher(Image, "/image", qos)
        robot.send_until(camera, image_message(START), lambda: reliabilities() == {wanted})  # noqa: B023
        embeddings.clear()
        robot.send_until(camera, image_message(START), lambda: embeddings)
        robot.node.destroy_publisher(camera)


def test_compressed_images_and_a_namespace(robot: Robot, tiny_bundle: Path) -> None:
    arguments = ["--image-topic", "/cam/image_raw", "--image-transport", "compressed"]
    process: Popen[str] = start_node("--model", str(tiny_bundle), "--namespace", "left", *arguments)
    try:
        embeddings = robot.listen(Embedding, "/left/encoder/embedding")
        camera = robot.publisher(CompressedImage, "/cam/image_raw/compressed")
        raw = image_message(START)
        jpeg = cv2.imencode(".jpg", pixels_of(raw))[1].tobytes()
        broken = CompressedImage(header=raw.header, format="jpeg", data=jpeg[:20])
        camera.publish(broken)
        message = CompressedImage(header=raw.header, format="jpeg", data=jpeg)
        robot.send_until(camera, message, lambda: embeddings)
        expected = Encoder(load_bundle(tiny_bundle)).embed(decode_compressed("jpeg", jpeg))
        np.testing.assert_allclose(embeddings[0].data, expected, rtol=1e-5)
    finally:
        process.terminate()
        assert process.wait(timeout=10) == 0
