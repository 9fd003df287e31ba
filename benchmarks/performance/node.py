"""The encoder node beside a bare node of the same work: until it
answers, and how long it takes to.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.made_bundle import made_bundle
from benchmarks.performance.figures import Figure, Goal, Section, cost
from benchmarks.performance.material import BenchmarkInputs, note
from benchmarks.performance.turns import Turns

ROOT = Path(__file__).resolve().parents[2]
PEER = "bare echo node"
HZ = 30.0
SIZE = (640, 480)
# A node that has not answered by then will not, s.
LIMIT_S = 30.0
READY = Goal("ours", "at most", 2000.0)
ADDED = Goal("difference", "at most", 1.0)
ABOUT = (
    "A bare echo node (rclpy, plain cv2 decode and resize, ONNX Runtime on the same frame) is the "
    "floor, in a process of its own like the node. Ready: from the start of the process to the "
    "first embedding. Latency: from the image's stamp to the embedding received in the process "
    "that sent it, median of 30 Hz of 640x480. A short run of what [nodes/performance.md]"
    "(nodes/performance.md) has at length (`make bench-node`): more sizes, p99, loss, CPU, memory."
)


def measure(material: BenchmarkInputs) -> Section:
    """Time to ready and latency; needs ROS 2."""
    section = Section("node", "Node", ABOUT)
    if not all(importlib.util.find_spec(name) for name in ("rclpy", "slowfeat_interfaces")):
        section.remarks.append(
            "Not measured: ROS 2 is not here (make setup, or source a workspace)."
        )
        return section
    with _alone():
        from benchmarks.node_parts import Camera

        bundle = made_bundle(material.folder / "node", "small").path
        camera = Camera()
        try:
            note("node: time to ready")
            turns = ready_turns(camera, bundle, material.pick(5, 2))
            section.figures.append(cost("ready", turns, "ours", PEER, READY))
            for transport in ("raw", "jpeg") if not material.quick else ("jpeg",):
                note(f"node: latency, {transport}")
                section.figures.append(
                    latency(camera, bundle, transport, material.pick(4, 2), material.pick(4, 1))
                )
        finally:
            camera.close()
    return section


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """No other robot may be heard."""
    before = dict(os.environ)
    os.environ["ROS_DOMAIN_ID"] = str(1 + os.getpid() % 100)
    os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"
    from slowfeat.live.fastdds import use_profile

    use_profile()
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def programs(bundle: Path, transport: str) -> dict[str, tuple[list[str], str, str]]:
    """Words, image topic and answers' topic of both nodes."""
    end, name = ("/compressed", "compressed") if transport == "jpeg" else ("", "raw")
    echo = [str(ROOT / "benchmarks" / "node.py"), "--echo", str(bundle), transport]
    floor = (f"/floor/image{end}", "/floor/embedding")
    node = ["-m", "slowfeat", "run", "--model", str(bundle), "--image-topic", "/measured/image"]
    return {
        PEER: ([*echo, *floor], *floor),
        "ours": ([*node, "--image-transport", name], f"/measured/image{end}", "/encoder/embedding"),
    }


@contextlib.contextmanager
def running(words: list[str]) -> Iterator[None]:
    """A node in a process of its own, ended at the end."""
    from benchmarks.node_parts import start

    child: subprocess.Popen[bytes] = start(*words)
    try:
        yield
    finally:
        child.send_signal(signal.SIGTERM)
        child.wait(timeout=20)


def ready_turns(camera: Any, bundle: Path, rounds: int) -> Turns:
    """Seconds from the start of each process to its first embedding."""
    seconds: dict[str, list[float]] = {}
    for _ in range(rounds):
        for name, (words, topic, answers) in programs(bundle, "jpeg").items():
            seconds.setdefault(name, []).append(first_answer(camera, words, topic, answers))
    return Turns(seconds)


def first_answer(camera: Any, words: list[str], topic: str, answers: str) -> float:
    """Seconds until a node that is started now answers one of the
    images that are sent all the time.
    """
    from rclpy.qos import qos_profile_sensor_data
    from slowfeat_interfaces.msg import Embedding

    from benchmarks.node_parts import image_of

    message = image_of(*SIZE, "jpeg")
    sender = camera.node.create_publisher(type(message), topic, qos_profile_sensor_data)
    heard: list[float] = []
    receiver = camera.node.create_subscription(
        Embedding, answers, lambda _: heard.append(time.monotonic()), 10
    )
    begun = time.monotonic()
    try:
        with running(words):
            while not heard:
                if time.monotonic() - begun > LIMIT_S:
                    raise SystemExit(f"{' '.join(words[:3])} did not answer within {LIMIT_S:g} s")
                message.header.stamp.sec, message.header.stamp.nanosec = divmod(
                    time.time_ns(), 10**9
                )
                sender.publish(message)
                until = time.monotonic() + 0.01
                while not heard and (left := until - time.monotonic()) > 0:
                    camera.executor.spin_once(timeout_sec=left)
            return heard[0] - begun
    finally:
        camera.node.destroy_publisher(sender)
        camera.node.destroy_subscription(receiver)


def latency(camera: Any, bundle: Path, transport: str, rounds: int, seconds: float) -> Figure:
    """Median latency of both in turns of so many seconds."""
    from benchmarks.node_parts import image_of

    message = image_of(*SIZE, transport)
    medians: dict[str, list[float]] = {}
    nodes = programs(bundle, transport)
    with contextlib.ExitStack() as stack:
        for words, _, _ in nodes.values():
            stack.enter_context(running(words))
        for _ in range(rounds):
            for name, (_, topic, answers) in nodes.items():
                found = camera.stream(message, topic, answers, HZ, seconds)
                medians.setdefault(name, []).append(float(np.median(found.latencies_ms)))
    turns = Turns({name: [ms / 1e3 for ms in found] for name, found in medians.items()})
    return cost(f"latency p50, 640x480 {transport}", turns, "ours", PEER, ADDED)
