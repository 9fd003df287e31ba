"""What benchmarks/node.py and benchmarks/soak.py share: a camera, a look at a process."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from array import array
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.qos import QoSProfile, qos_profile_sensor_data
from sensor_msgs.msg import CompressedImage, Image
from slowfeat_interfaces.msg import Embedding

from benchmarks.made_bundle import made_bundle

NS = 1_000_000_000


def make_bundle(folder: Path, name: str) -> Path:
    """The bundle of one of ENCODERS in a new folder."""
    return made_bundle(folder / name, name).path


def start(*words: str) -> subprocess.Popen[bytes]:
    """A Python program of ours in a process of its own, quiet."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen([sys.executable, *words], **quiet)  # type: ignore[call-overload, no-any-return]


@dataclass(frozen=True)
class Usage:
    """What a process holds now."""

    cpu_s: float
    rss_mb: float
    # Of that, memory of its own, and pages of the middleware's shared segments that it has touched.
    own_mb: float
    shared_mb: float
    threads: int
    handles: int


def usage(pid: int) -> Usage:
    """Of a process, from /proc."""
    proc = Path("/proc") / str(pid)
    fields = (proc / "stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    status = dict(
        line.split(":", 1) for line in (proc / "status").read_text().splitlines() if ":" in line
    )
    rss, own, shared = (int(status[k].split()[0]) / 1024 for k in ("VmRSS", "RssAnon", "RssShmem"))
    return Usage(
        ticks / os.sysconf("SC_CLK_TCK"),
        rss,
        own,
        shared,
        len(list((proc / "task").iterdir())),
        len(list((proc / "fd").iterdir())),
    )


def picture(width: int, height: int) -> Any:
    """An image that compresses like a camera's: smooth, with some noise; uint8 (H, W, 3) RGB."""
    random = np.random.default_rng(0)
    coarse = random.integers(0, 256, (height // 40 + 2, width // 40 + 2, 3), dtype=np.uint8)
    smooth = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC).astype(np.int16)
    return np.clip(smooth + random.integers(-4, 5, smooth.shape), 0, 255).astype(np.uint8)


def image_of(width: int, height: int, transport: str) -> Any:
    """A raw rgb8 or a jpeg message."""
    pixels = picture(width, height)
    if transport == "jpeg":
        code = cv2.imencode(".jpg", pixels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 90])[1]
        return CompressedImage(format="rgb8; jpeg compressed bgr8", data=array("B", code.tobytes()))
    data = array("B", pixels.tobytes())
    return Image(height=height, width=width, encoding="rgb8", step=3 * width, data=data)


@dataclass
class Stream:
    """What came back of what was sent."""

    sent: int = 0
    latencies_ms: list[float] = field(default_factory=list)


class Camera:
    """Sends images and receives their embeddings, in this process."""

    def __init__(self) -> None:
        rclpy.init()
        self.node = rclpy.create_node("benchmark")
        self.executor = SingleThreadedExecutor()
        self.executor.add_node(self.node)

    def stream(
        self,
        message: Any,
        topic: str,
        answers: str,
        hz: float,
        seconds: float,
        reliable: bool = False,
    ) -> Stream:
        """Send a message again and again, with the time of sending as its stamp."""
        qos = QoSProfile(depth=10) if reliable else qos_profile_sensor_data
        sender = self.node.create_publisher(type(message), topic, qos)
        done = Stream()
        measuring = False

        def receive(answer: Any) -> None:
            stamp = answer.header.stamp.sec * NS + answer.header.stamp.nanosec
            if measuring:
                done.latencies_ms.append((time.time_ns() - stamp) / 1e6)

        receiver = self.node.create_subscription(Embedding, answers, receive, 100)
        try:
            self._wait(lambda: sender.get_subscription_count() > 0, topic)
            self._wait(lambda: self.node.count_publishers(answers) > 0, answers)
            self._send(sender, message, hz, 1.5)  # discovery has two ends; caches warm up
            measuring = True
            done.sent = self._send(sender, message, hz, seconds)
            self._spin_until(time.monotonic() + 0.5)
        finally:
            self.node.destroy_publisher(sender)
            self.node.destroy_subscription(receiver)
        return done

    def _send(self, sender: Any, message: Any, hz: float, seconds: float) -> int:
        count = round(hz * seconds)
        started = time.monotonic()
        for k in range(count):
            self._spin_until(started + k / hz)
            now = time.time_ns()
            message.header.stamp.sec, message.header.stamp.nanosec = divmod(now, NS)
            sender.publish(message)
        self._spin_until(started + count / hz)
        return count

    def _spin_until(self, end: float) -> None:
        while (left := end - time.monotonic()) > 0:
            self.executor.spin_once(timeout_sec=left)

    def _wait(self, condition: Any, what: str) -> None:
        end = time.monotonic() + 20
        while not condition():
            if time.monotonic() > end:
                raise SystemExit(f"waited 20 s for {what}")
            self.executor.spin_once(timeout_sec=0.05)

    def close(self) -> None:
        """Leave ROS."""
        self.executor.shutdown()
        self.node.destroy_node()
        rclpy.shutdown()
