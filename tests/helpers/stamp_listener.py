"""A subscriber in its own process: prints the images that arrive as JSON, one a line.

Arguments: topic, image type (package/msg/Name), number of messages, timeout in s.
"""

import hashlib
import importlib
import json
import sys
import time

import rclpy
from rclpy.qos import QoSProfile


def main() -> None:
    topic, kind, count, timeout_s = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
    package, _, name = kind.partition("/msg/")
    message_type = getattr(importlib.import_module(f"{package}.msg"), name)
    got = []

    def receive(message):
        stamp = message.header.stamp
        row = {
            "stamp_ns": stamp.sec * 10**9 + stamp.nanosec,
            "frame": message.header.frame_id,
            "sha256": hashlib.sha256(message.data).hexdigest(),
            "monotonic_ns": time.monotonic_ns(),
        }
        got.append(row)
        print(json.dumps(row), flush=True)

    rclpy.init()
    node = rclpy.create_node("listener")
    # Reliable, and room for all: a busy machine may let this process wait, and that must lose
    # nothing.
    node.create_subscription(message_type, topic, receive, QoSProfile(depth=count))
    deadline = time.monotonic() + timeout_s
    while len(got) < count and time.monotonic() < deadline:
        rclpy.spin_once(node, timeout_sec=0.1)
    node.destroy_node()
    rclpy.shutdown()


if __name__ == "__main__":
    main()
