"""Does the stream breathe while clients ask? 30 images a second of 640x480, and 0, 1 and 5 clients
of ~/predict with 1,000 motions each, one request after another.

    .venv/bin/python -m benchmarks.node_load BUNDLE [--seconds 12] [--part whole]

Beside the encoder's rate stands that of a bare node which sends a number for each image, at the
same time on the same stream: what the machine itself lets through.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import subprocess
import sys
import time
from array import array
from typing import Any

import numpy as np

HZ, WIDTH, HEIGHT, MOTIONS = 30, 640, 480, 1000
CLIENTS = (0, 1, 5)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundle")
    parser.add_argument("--seconds", type=float, default=12.0, help="of each row")
    parser.add_argument("--part", default="whole", help="what the clients ask for")
    parser.add_argument("--role", choices=("echo", "client"), help="what the program starts itself")
    args = parser.parse_args()
    os.environ.setdefault("ROS_DOMAIN_ID", "77")
    os.environ.setdefault("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST")
    if args.role == "echo":
        echo()
    elif args.role == "client":
        client(args.seconds, args.part)
    else:
        table(args)


def table(args: argparse.Namespace) -> None:
    print(f"{MOTIONS} motions a request, part {args.part}, bundle {args.bundle}")
    print("| clients | embeddings a second | bare node | requests a second | request, p50 |")
    print("|---|---|---|---|---|")
    node = ["-m", "slowfeat", "run", "--model", args.bundle]
    ours = start(*node, "--ros-args", "-r", "image:=/load/image")
    bare = start("-m", "benchmarks.node_load", args.bundle, "--role", "echo")
    try:
        for count in CLIENTS:
            print(row(args, count), flush=True)
    finally:
        for process in (ours, bare):
            process.terminate()
            process.wait()


def start(*words: str, **options: Any) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, *words], text=True, **options)


def row(args: argparse.Namespace, count: int) -> str:
    asking = ["-m", "benchmarks.node_load", args.bundle, "--role", "client", "--part", args.part]
    seconds = ["--seconds", str(args.seconds + 4)]
    clients = [start(*asking, *seconds, stdout=subprocess.PIPE) for _ in range(count)]
    embedded, echoed = stream(args.seconds)
    texts = [process.communicate()[0].split() for process in clients]
    rate = sum(float(text[0]) for text in texts)
    p50 = f"{statistics.median(float(text[1]) for text in texts):.0f} ms" if texts else "-"
    return f"| {count} | {embedded:.1f} | {echoed:.1f} | {rate:.1f} | {p50} |"


def stream(seconds: float) -> tuple[float, float]:
    """Send images; returns how many embeddings and echoes a second came once all was running."""
    import rclpy
    from sensor_msgs.msg import Image
    from slowfeat_interfaces.msg import Embedding
    from std_msgs.msg import Float64

    rclpy.init()
    node = rclpy.create_node("load_camera")
    came: dict[str, list[float]] = {"embedding": [], "echo": []}
    node.create_subscription(
        Embedding, "/encoder/embedding", lambda _: came["embedding"].append(time.monotonic()), 50
    )
    node.create_subscription(
        Float64, "/load/echo", lambda _: came["echo"].append(time.monotonic()), 50
    )
    camera = node.create_publisher(Image, "/load/image", 5)
    pixels = np.random.default_rng(0).integers(0, 255, WIDTH * HEIGHT * 3, dtype=np.uint8)
    image = Image(width=WIDTH, height=HEIGHT, step=3 * WIDTH, encoding="rgb8")
    image.data = array("B", pixels.tobytes())
    end = time.monotonic() + 60
    while time.monotonic() < end and not (came["embedding"] and came["echo"]):
        send(node, camera, image)
        spin(rclpy, node, 0.1)
    spin_until = time.monotonic() + 3.0  # the clients start
    begin = due = time.monotonic()
    while time.monotonic() < spin_until + seconds:
        if begin < spin_until <= time.monotonic():
            begin = time.monotonic()
        send(node, camera, image)
        due += 1 / HZ
        spin(rclpy, node, due - time.monotonic())
    passed = time.monotonic() - begin
    rates = [sum(t >= begin for t in came[name]) / passed for name in ("embedding", "echo")]
    node.destroy_node()
    rclpy.shutdown()
    return rates[0], rates[1]


def send(node: Any, camera: Any, image: Any) -> None:
    image.header.stamp = node.get_clock().now().to_msg()
    camera.publish(image)


def spin(rclpy: Any, node: Any, seconds: float) -> None:
    end = time.monotonic() + max(seconds, 0.001)
    while (left := end - time.monotonic()) > 0:
        rclpy.spin_once(node, timeout_sec=left)


def echo() -> None:
    """A bare node: a number for each image."""
    import rclpy
    from rclpy.executors import ExternalShutdownException
    from sensor_msgs.msg import Image
    from std_msgs.msg import Float64

    rclpy.init()
    node = rclpy.create_node("load_echo")
    numbers = node.create_publisher(Float64, "/load/echo", 10)
    node.create_subscription(
        Image, "/load/image", lambda m: numbers.publish(Float64(data=float(m.data[0]))), 5
    )
    with contextlib.suppress(KeyboardInterrupt, ExternalShutdownException):
        rclpy.spin(node)


def client(seconds: float, part: str) -> None:
    """Ask as fast as answers come; prints requests a second, and their p50 in ms."""
    import rclpy
    from slowfeat_interfaces.srv import PredictTransforms

    from slowfeat.nodes.messages import transforms_from_motions

    rclpy.init()
    node = rclpy.create_node(f"load_client_{os.getpid()}")
    service = node.create_client(PredictTransforms, "/encoder/predict")
    service.wait_for_service(20)
    motions = np.random.default_rng(os.getpid()).uniform(-0.3, 0.3, (MOTIONS, 6))
    request = PredictTransforms.Request(motions=transforms_from_motions(motions), part=part)
    took: list[float] = []
    began = time.monotonic()
    while time.monotonic() < began + seconds:
        asked = time.monotonic()
        future = service.call_async(request)
        rclpy.spin_until_future_complete(node, future, timeout_sec=30)
        if future.done() and future.result().success:
            took.append(time.monotonic() - asked)
    rate = len(took) / (time.monotonic() - began)
    print(rate, 1e3 * statistics.median(took) if took else float("nan"))


if __name__ == "__main__":
    main()
