"""A robot for the node's tests: real rclpy, real Fast DDS, in a domain of this process's own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy", reason="needs slowfeat[ros] or a sourced ROS 2")
pytest.importorskip("slowfeat_interfaces", reason="needs ros2_ws built: make setup")

# Before rclpy.init in this process and its children: no other test or robot may be heard.
os.environ["ROS_DOMAIN_ID"] = str(1 + os.getpid() % 100)
os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"

import rclpy
from nav_msgs.msg import Odometry
from rclpy.executors import SingleThreadedExecutor
from rclpy.qos import QoSProfile
from sensor_msgs.msg import Image

from tests.helpers.unconfigured_node import encoder_node

__all__ = ["encoder_node"]

TIMEOUT_S = 10.0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.ros)


def image_message(stamp_ns: int, seed: int = 0, size: tuple[int, int] = (48, 64)) -> Image:
    """A random rgb8 image."""
    pixels = np.random.default_rng(seed).integers(0, 256, (*size, 3), dtype=np.uint8)
    message = Image(height=size[0], width=size[1], encoding="rgb8", step=3 * size[1])
    message.header.frame_id = "camera_optical_frame"
    message.header.stamp.sec, message.header.stamp.nanosec = divmod(stamp_ns, 1_000_000_000)
    message.data = array("B", pixels.tobytes())
    return message


def odometry_message(stamp_ns: int, x: float = 0.0, yaw: float = 0.0) -> Odometry:
    """The body at x m, turned left by yaw rad."""
    message = Odometry(child_frame_id="base_link")
    message.header.frame_id = "odom"
    message.header.stamp.sec, message.header.stamp.nanosec = divmod(stamp_ns, 1_000_000_000)
    message.pose.pose.position.x = x
    message.pose.pose.orientation.z = float(np.sin(yaw / 2))
    message.pose.pose.orientation.w = float(np.cos(yaw / 2))
    return message


class Robot:
    """The other end of the encoder node: publishes, subscribes, calls services."""

    def __init__(self) -> None:
        self.context = rclpy.Context()
        rclpy.init(context=self.context)
        self.node = rclpy.create_node("robot", context=self.context)
        self.executor = SingleThreadedExecutor(context=self.context)
        self.executor.add_node(self.node)

    def spin_until(self, condition: Callable[[], Any], what: str = "") -> None:
        """Spin until the condition holds; fails the test when it does not within 10 s."""
        end = time.monotonic() + TIMEOUT_S
        while not condition():
            assert time.monotonic() < end, f"waited {TIMEOUT_S:.0f} s for {what or condition}"
            self.executor.spin_once(timeout_sec=0.02)

    def spin_for(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.executor.spin_once(timeout_sec=0.02)

    def listen(self, kind: Any, topic: str, qos: QoSProfile | int = 10) -> list[Any]:
        """A list that fills with the topic's messages; the publisher is there already."""
        received: list[Any] = []
        self.node.create_subscription(kind, topic, received.append, qos)
        self.spin_until(lambda: self.node.count_publishers(topic) > 0, f"a publisher of {topic}")
        return received

    def publisher(self, kind: Any, topic: str, qos: QoSProfile | int = 10) -> Any:
        """A publisher that has found its subscriber."""
        made = self.node.create_publisher(kind, topic, qos)
        self.spin_until(lambda: made.get_subscription_count() > 0, f"a subscriber of {topic}")
        return made

    def send_until(self, publisher: Any, message: Any, condition: Callable[[], Any]) -> None:
        """Send again and again until the condition holds: discovery has two ends."""
        end = time.monotonic() + TIMEOUT_S
        while not condition():
            assert time.monotonic() < end, f"waited {TIMEOUT_S:.0f} s for {condition}"
            publisher.publish(message)
            self.spin_for(0.1)

    def call(self, kind: Any, service: str, request: Any) -> Any:
        """A service's response."""
        client = self.node.create_client(kind, service)
        self.spin_until(client.service_is_ready, service)
        future = client.call_async(request)
        self.spin_until(future.done, f"an answer of {service}")
        self.node.destroy_client(client)
        return future.result()

    def close(self) -> None:
        self.executor.shutdown()
        self.node.destroy_node()
        rclpy.shutdown(context=self.context)


@pytest.fixture
def robot() -> Iterator[Robot]:
    made = Robot()
    yield made
    made.close()


def start_node(*arguments: str) -> subprocess.Popen[str]:
    """`slowfeat run` in a process of its own."""
    command = [sys.executable, "-m", "slowfeat", "run", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@pytest.fixture(scope="module")
def node(tiny_bundle: Path) -> Iterator[subprocess.Popen[str]]:
    """The encoder node with the tiny bundle; every test of the module leaves it alive."""
    process = start_node("--model", str(tiny_bundle))
    yield process
    alive = process.poll() is None
    process.terminate()
    output = process.communicate(timeout=10)[0]
    assert alive, f"the node ended by itself:\n{output}"
    assert process.returncode == 0, output
