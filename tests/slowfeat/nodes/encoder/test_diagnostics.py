"""What is wrong with what comes in stands on /diagnostics."""

from __future__ import annotations

import math

import pytest
from diagnostic_msgs.msg import DiagnosticArray
from nav_msgs.msg import Odometry
from sensor_msgs.msg import Image
from slowfeat_interfaces.msg import Embedding

from tests.slowfeat.nodes.conftest import Robot, image_message, odometry_message

pytestmark = pytest.mark.usefixtures("node")
MS = 1_000_000
START = 1_700_000_000_000_000_123


def counted(robot: Robot, diagnostics: list[DiagnosticArray], key: str) -> int:
    """The newest value of a counter on /diagnostics."""
    robot.spin_until(lambda: diagnostics, "/diagnostics")
    return int(next(v.value for v in diagnostics[-1].status[0].values if v.key == key))


def test_malformed_images_are_counted_and_survived(robot: Robot) -> None:
    diagnostics = robot.listen(DiagnosticArray, "/diagnostics")
    embeddings = robot.listen(Embedding, "/encoder/embedding")
    camera = robot.publisher(Image, "/image")
    robot.send_until(camera, image_message(START), lambda: embeddings)
    robot.spin_for(1.0)  # the node turns to the reliable QoS that this publisher offers
    before = counted(robot, diagnostics, "Malformed images")
    short, strange, empty, huge = (image_message(START + i) for i in range(4))
    short.data = short.data[:100]
    strange.encoding = "yuv9"
    empty.height = empty.width = empty.step = 0
    huge.width = 2**31
    for message in (short, strange, empty, huge):
        camera.publish(message)
        robot.spin_for(0.1)
    robot.spin_until(lambda: counted(robot, diagnostics, "Malformed images") >= before + 4)
    embeddings.clear()
    robot.send_until(camera, image_message(START + MS), lambda: embeddings)


def test_malformed_odometry_is_counted_and_survived(robot: Robot) -> None:
    diagnostics = robot.listen(DiagnosticArray, "/diagnostics")
    wheels = robot.publisher(Odometry, "/odom")
    before = counted(robot, diagnostics, "Malformed odometry")
    infinite, twisted = odometry_message(START), odometry_message(START)
    infinite.pose.pose.position.x = math.inf
    twisted.pose.pose.orientation.w = 0.0
    robot.spin_for(0.5)
    for message in (infinite, twisted, odometry_message(0)):
        wheels.publish(message)
        robot.spin_for(0.1)
    robot.spin_until(lambda: counted(robot, diagnostics, "Malformed odometry") >= before + 3)
