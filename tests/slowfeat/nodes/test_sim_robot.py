"""The simulated robot as a node: it shows what it sees, obeys, and stops by itself."""

from __future__ import annotations

import math
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from geometry_msgs.msg import TransformStamped, Twist
from nav_msgs.msg import Odometry
from rclpy.qos import DurabilityPolicy, QoSProfile
from sensor_msgs.msg import CameraInfo, Image
from std_srvs.srv import Trigger

from tests.slowfeat.nodes.conftest import Robot

pytest.importorskip("vizdoom", reason="needs slowfeat[sim]")

LATCHED = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)


def start(*words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "slowfeat", "simulate", "--live", "--map", "MAP05", *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@pytest.fixture(scope="module")
def sim_robot() -> Iterator[subprocess.Popen[str]]:
    process = start("--ros-args", "-p", "slip:=0.2")
    yield process
    process.send_signal(signal.SIGINT)
    output = process.communicate(timeout=10)[0]
    assert process.returncode == 0, output
    assert "Traceback" not in output


def drive(robot: Robot, forward: float, turn: float, seconds: float) -> float:
    """Command a robot; how long that took, seconds: more than was asked
    for where the machine pauses.
    """
    publisher = robot.publisher(Twist, "/cmd_vel")
    command = Twist()
    command.linear.x, command.angular.z = forward, turn
    begun = time.monotonic()
    for _ in range(round(seconds / 0.1)):
        publisher.publish(command)
        robot.spin_for(0.1)
    took = time.monotonic() - begun
    robot.node.destroy_publisher(publisher)
    return took


def stamp_of(message: Any) -> tuple[int, int]:
    """The (seconds, nanoseconds) at which the message's header says it was taken."""
    return message.header.stamp.sec, message.header.stamp.nanosec


@pytest.mark.usefixtures("sim_robot")
class TestSimRobot:
    def test_shows_what_a_robot_shows(self, robot: Robot) -> None:
        heard: dict[str, list[Any]] = {
            "image": robot.listen(Image, "/camera/image_raw"),
            "info": robot.listen(CameraInfo, "/camera/camera_info"),
            "odometry": robot.listen(Odometry, "/odom", 100),
            "extrinsic": robot.listen(TransformStamped, "/sim_robot/extrinsic", LATCHED),
        }

        # Subscriptions match at their own pace: images from before the first
        # odometry that was heard have nothing here to be compared with.
        def paired() -> list[Any]:
            since = stamp_of(heard["odometry"][0]) if heard["odometry"] else (math.inf, 0)
            return [picture for picture in heard["image"] if stamp_of(picture) >= since]

        robot.spin_until(lambda: all(heard.values()) and len(paired()) > 3, "everything")
        image, info = heard["image"][-1], heard["info"][-1]
        assert (image.width, image.height, image.encoding) == (160, 120, "rgb8")
        assert 2 * math.atan(image.width / 2 / info.k[0]) == pytest.approx(math.pi / 2)
        # The newest one's odometry may still be on its way.
        assert stamp_of(paired()[-2]) in {stamp_of(message) for message in heard["odometry"]}
        assert heard["odometry"][0].child_frame_id == "base_link"
        assert heard["extrinsic"][0].child_frame_id == "camera_optical_frame"

    def test_obeys_slips_stops_by_itself_and_is_put_back(self, robot: Robot) -> None:
        # It may have turned already: a test that failed is tried once more.
        assert robot.call(Trigger, "/sim_robot/reset", Trigger.Request()).success
        odometry = robot.listen(Odometry, "/odom", 100)
        took = drive(robot, 0.0, 0.8, 1.5)
        robot.spin_for(1.2)  # the timeout, and braking
        pose = odometry[-1].pose.pose
        turned = 2 * math.atan2(pose.orientation.z, pose.orientation.w)
        # Turned until the timeout after the last command; wheels that slip report a quarter more.
        assert 0.8 < turned < 0.8 * (took + 0.7) * 1.25 + 0.1
        twist = odometry[-1].twist.twist
        assert (twist.linear.x, twist.angular.z) == (pytest.approx(0), pytest.approx(0, abs=1e-6))
        answer = robot.call(Trigger, "/sim_robot/reset", Trigger.Request())
        assert answer.success
        odometry.clear()
        robot.spin_until(lambda: odometry, "odometry")
        assert odometry[-1].pose.pose.orientation.w == pytest.approx(1.0)


def test_an_unknown_map_is_wrong_use() -> None:
    process = start("--map", "MAP99")
    output = process.communicate(timeout=30)[0]
    assert process.returncode == 2, output
    assert "unknown map MAP99" in output
