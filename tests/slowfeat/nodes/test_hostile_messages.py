"""Ten thousand messages that make no sense, as fast as they can be sent, and a
camera that comes back changed.
"""

from __future__ import annotations

import math
import re
import time
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import Pose, PoseArray
from nav_msgs.msg import Odometry
from rclpy.qos import HistoryPolicy, QoSProfile, ReliabilityPolicy, qos_profile_sensor_data
from sensor_msgs.msg import Image
from slowfeat_interfaces.msg import Embedding

from slowfeat.bundle import load_bundle
from slowfeat.encoder import Encoder
from tests.slowfeat.nodes.conftest import Robot, image_message, odometry_message, start_node

START = 1_700_000_000_000_000_000
MS = 1_000_000
# Nothing gets lost on the way, so that every single one must be counted.
ALL = QoSProfile(
    history=HistoryPolicy.KEEP_LAST, depth=10_000, reliability=ReliabilityPolicy.RELIABLE
)
BAD_IMAGES, BAD_ODOMETRY, BAD_MOTIONS, FUTURE = 6000, 2500, 500, 1000
HUGE_LISTS = 10


def bad_image(k: int, **changes: Any) -> Image:
    message = image_message(START + k * MS)
    for name, value in changes.items():
        setattr(message, name, value)
    return message


def bad_images() -> list[Image]:
    empty = array("B")
    return [
        bad_image(0, step=10),
        bad_image(1, step=2**32 - 1),
        bad_image(2, width=2**31, height=2**31),
        bad_image(3, height=49),
        bad_image(4, encoding="yuv9"),
        bad_image(5, encoding=""),
        bad_image(6, encoding="16UC1"),
        bad_image(7, data=empty),
        bad_image(8, width=0, height=0, step=0, data=empty),
        bad_image(9, encoding="nv12", height=47),
    ]


def bad_odometry() -> list[Odometry]:
    nan, long, zero = (odometry_message(START) for _ in range(3))
    nan.pose.pose.position.x = math.nan
    long.pose.pose.orientation.w = 1e300
    zero.pose.pose.orientation.w = 0.0
    return [nan, long, zero, odometry_message(0)]


def bad_motions() -> tuple[PoseArray, PoseArray]:
    nan = Pose()
    nan.position.x = math.nan
    return PoseArray(poses=[nan]), PoseArray(poses=[Pose()] * 10_001)


@pytest.mark.slow
def test_ten_thousand_hostile_messages_at_full_rate_are_counted_and_survived(
    robot: Robot, tiny_bundle: Path
) -> None:
    reliable = []
    for topic in ("/odom", "/encoder/motions"):
        reliable += ["-p", f"qos_overrides.{topic}.subscription.reliability:=reliable"]
        reliable += ["-p", f"qos_overrides.{topic}.subscription.depth:=10000"]
    reliable += ["-p", "qos_overrides./image.subscription.reliability:=reliable"]
    started = time.monotonic()
    process = start_node(
        "--model", str(tiny_bundle), "--queue-depth", "10000", "--ros-args", *reliable
    )
    try:
        diagnostics = robot.listen(DiagnosticArray, "/diagnostics")
        embeddings = robot.listen(Embedding, "/encoder/embedding")
        camera = robot.publisher(Image, "/image", ALL)
        wheels = robot.publisher(Odometry, "/odom", ALL)
        motions = robot.publisher(PoseArray, "/encoder/motions", ALL)

        def counted(key: str) -> int:
            values = diagnostics[-1].status[0].values if diagnostics else []
            return next((int(v.value) for v in values if v.key == key), 0)

        def send(publisher: Any, messages: list[Any], count: int) -> None:
            for k in range(count):
                publisher.publish(messages[k % len(messages)])
                if k % 500 == 0:
                    robot.spin_for(0.02)

        send(camera, bad_images(), BAD_IMAGES)
        send(wheels, bad_odometry(), BAD_ODOMETRY)
        not_finite, huge = bad_motions()
        send(motions, [not_finite], BAD_MOTIONS - HUGE_LISTS)
        send(motions, [huge], HUGE_LISTS)
        future = robot.node.get_clock().now().nanoseconds + 3_600_000 * MS
        send(camera, [image_message(future + k * MS) for k in range(20)], FUTURE)
        expected = {
            "Malformed images": BAD_IMAGES,
            "Malformed odometry": BAD_ODOMETRY,
            "Malformed motions": BAD_MOTIONS,
            "Stamps from the future": FUTURE,
            "Embeddings published": FUTURE,
        }
        end = time.monotonic() + 60
        while any(counted(key) < count for key, count in expected.items()):
            assert time.monotonic() < end, {key: counted(key) for key in expected}
            robot.spin_for(0.2)
        assert {key: counted(key) for key in expected} == expected
        embeddings.clear()
        good = image_message(START + 10_000_000 * MS)
        robot.send_until(camera, good, lambda: embeddings and embeddings[-1].header == good.header)
    finally:
        process.terminate()
        output = process.communicate(timeout=10)[0]
    assert process.returncode == 0, output
    assert "Traceback" not in output
    # One warning of a kind in five seconds, whatever comes in.
    periods = (time.monotonic() - started) / 5.0
    for kind in ("malformed images", "odometry messages not used", "on ~/motions not used"):
        said = len(re.findall(kind, output))
        assert 1 <= said <= periods + 2, f"{said} times {kind!r} in {5 * periods:.0f} s"


@pytest.mark.usefixtures("node")
def test_camera_that_dies_and_returns_with_another_size_encoding_and_qos(
    robot: Robot, tiny_bundle: Path
) -> None:
    embeddings = robot.listen(Embedding, "/encoder/embedding")
    encoder = Encoder(load_bundle(tiny_bundle))
    cameras: list[tuple[tuple[int, int], str, QoSProfile]] = [
        ((48, 64), "rgb8", QoSProfile(depth=5)),
        ((96, 128), "bgr8", qos_profile_sensor_data),
        ((30, 40), "rgb8", QoSProfile(depth=1)),
    ]
    answers: Callable[[], bool] = lambda: bool(embeddings)  # noqa: E731
    for k, (size, encoding, qos) in enumerate(cameras):
        camera = robot.publisher(Image, "/image", qos)
        embeddings.clear()
        message = image_message(START + k * 1000 * MS, seed=k, size=size)
        message.encoding = encoding
        robot.send_until(camera, message, answers)
        pixels = np.frombuffer(message.data, np.uint8).reshape(*size, 3)
        if encoding == "bgr8":
            pixels = pixels[..., ::-1]
        expected = encoder.embed(np.ascontiguousarray(pixels))
        np.testing.assert_allclose(embeddings[-1].data, expected, rtol=1e-5)
        robot.node.destroy_publisher(camera)
        robot.spin_for(0.3)
