"""Replays a ROS 2 bag through the real rclpy, as the robot's own drivers would publish it.

The serialised messages go out as they were recorded, byte for byte: header stamps stay, also where
they lie long ago. They are paced by their receive times on the monotonic clock. Made for the demo
and the tests; `ros2 bag play` does the same where a ROS 2 install is at hand.

    python -m slowfeat_trainer.simulation.replay BAG --rate 2 --sent sent.json
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from slowfeat.errors import BagError, SlowfeatError, UsageError
from slowfeat.files import write_whole
from slowfeat.flags import DAY_S, number
from slowfeat_trainer.bags import IMAGE_TYPES, header_stamp_of_cdr, open_bag

if TYPE_CHECKING:
    from rosbags.highlevel import AnyReader
    from rosbags.interfaces import Connection

DEPTH = 10
# A publisher knows of its subscriber a moment before the subscriber is ready for it, s.
SETTLE_S = 0.5
# How long the last messages may take to reach a reliable subscriber, s.
FLUSH_S = 5.0


class Sent(NamedTuple):
    """When an image left: its header stamp, and both clocks just before it was published, in ns."""

    topic: str
    stamp_ns: int
    monotonic_ns: int
    wall_ns: int


@dataclass
class ReplayLog:
    """What a replay did."""

    # Messages published, by topic.
    published: dict[str, int] = field(default_factory=dict)
    # Every image, in the order of publishing.
    images: list[Sent] = field(default_factory=list)
    # Topics left out because this machine lacks their message type.
    skipped: list[str] = field(default_factory=list)
    # The most that a message went out after its time, s.
    latest_s: float = 0.0

    def save(self, path: Path) -> None:
        """Write the log as JSON; an image is an object with the fields of `Sent`."""
        content = {
            "published": self.published,
            "skipped": self.skipped,
            "latest_s": self.latest_s,
            "images": [sent._asdict() for sent in self.images],
        }
        write_whole(path, json.dumps(content, indent=1) + "\n")


def replay(
    bag: Path,
    *,
    rate: float = 1.0,
    start_s: float = 0.0,
    topics: Sequence[str] | None = None,
    wait_for: Sequence[str] | None = None,
    timeout_s: float = 10.0,
) -> ReplayLog:
    """Publish a bag's messages once, at its own pace times `rate`.

    Args:
        bag: a ROS 2 bag.
        rate: 2.0 is twice as fast as it was recorded.
        start_s: leave out what was received earlier than this after the bag's first message, s; so
            also what is latched only at its beginning, such as /tf_static.
        topics: which to publish; None for all whose message type this machine has.
        wait_for: topics that need a subscriber before the first message goes out; None for the
            bag's image topics, () for none.
        timeout_s: how long to wait for them.

    Raises:
        UsageError: a topic that the bag does not have, or a rate that is not above 0.
        BagError: not a ROS 2 bag, or nothing in it can be published.
        SlowfeatError: no subscriber came.
    """
    if not 0 < rate < float("inf"):
        raise UsageError(f"the replay rate must be above 0: not {rate:g}")
    if not 0 <= start_s < float("inf"):
        raise UsageError(f"the replay starts 0 s or more into the bag: not {start_s:g}")
    with open_bag(bag) as reader:
        connections = _choose(reader, bag, topics)
        import rclpy

        context = rclpy.Context()
        rclpy.init(context=context)
        node = rclpy.create_node("bag_replay", context=context)
        try:
            log = ReplayLog()
            publishers = _publishers(node, connections, log)
            if not publishers:
                missing = ", ".join(sorted({c.msgtype for c in connections}))
                raise BagError(f"{bag}: no message type of it is installed here ({missing})")
            images = [c.topic for c in connections if c.msgtype in IMAGE_TYPES]
            _await_subscribers(publishers, images if wait_for is None else wait_for, timeout_s)
            usable = [c for c in connections if c.topic in publishers]
            _publish_all(reader, usable, publishers, rate, start_s, log)
            _flush(publishers)
            return log
        finally:
            node.destroy_node()
            context.try_shutdown()


def _choose(reader: AnyReader, bag: Path, topics: Sequence[str] | None) -> list[Connection]:
    """The bag's connections on the wanted topics."""
    if not reader.is2:
        raise BagError(
            f"{bag} is a ROS 1 bag, which cannot be replayed: rosbags-convert makes a ROS 2 bag "
            "of it"
        )
    there = {connection.topic for connection in reader.connections}
    missing = sorted(set(topics or ()) - there)
    if missing:
        raise UsageError(f"{bag} has no topic {missing[0]}; it has {', '.join(sorted(there))}")
    return [c for c in reader.connections if topics is None or c.topic in topics]


def _publishers(node: Any, connections: Sequence[Connection], log: ReplayLog) -> dict[str, Any]:
    """A publisher for each topic whose message type is installed, by topic."""
    from rclpy.qos import DurabilityPolicy, QoSProfile

    publishers: dict[str, Any] = {}
    for connection in connections:
        message_type = _message_type(connection.msgtype)
        if message_type is None:
            log.skipped.append(connection.topic)
            continue
        # Reliable serves reliable and best-effort subscribers alike.
        qos = QoSProfile(depth=DEPTH)
        if connection.topic.endswith("_static"):
            qos.durability = DurabilityPolicy.TRANSIENT_LOCAL
        if connection.topic not in publishers:
            publishers[connection.topic] = node.create_publisher(
                message_type, connection.topic, qos
            )
            log.published[connection.topic] = 0
    return publishers


def _message_type(name: str) -> Any:
    """The Python class of a message type such as nav_msgs/msg/Odometry; None if not installed."""
    package, _, kind = name.partition("/msg/")
    try:
        return getattr(importlib.import_module(f"{package}.msg"), kind, None)
    except ModuleNotFoundError:
        return None


def _await_subscribers(publishers: dict[str, Any], topics: Sequence[str], timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    for topic in topics:
        if topic not in publishers:
            raise UsageError(f"{topic} is not replayed, so no subscriber can be awaited on it")
        while publishers[topic].get_subscription_count() == 0:
            if time.monotonic() > deadline:
                raise SlowfeatError(
                    f"no node subscribed to {topic} within {timeout_s:g} s: is the node running, "
                    "with the same ROS_DOMAIN_ID?"
                )
            time.sleep(0.02)
    if topics:
        time.sleep(SETTLE_S)


def _publish_all(
    reader: AnyReader,
    connections: Sequence[Connection],
    publishers: dict[str, Any],
    rate: float,
    start_s: float,
    log: ReplayLog,
) -> None:
    """Publish in the order of the bag, each message when its time has come."""
    first_ns = None
    start = time.monotonic()
    from_ns = reader.start_time + round(start_s * 1e9)
    for connection, received_ns, data in reader.messages(connections, start=from_ns):
        first_ns = received_ns if first_ns is None else first_ns
        due = start + (received_ns - first_ns) / 1e9 / rate
        wait = due - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        if connection.msgtype in IMAGE_TYPES:
            now = (time.monotonic_ns(), time.time_ns())
            log.images.append(Sent(connection.topic, header_stamp_of_cdr(data), *now))
        # rclpy takes bytes for an already serialised message.
        publishers[connection.topic].publish(bytes(data))
        log.published[connection.topic] += 1
        log.latest_s = max(log.latest_s, -wait)


def _flush(publishers: dict[str, Any]) -> None:
    """Let the last messages arrive before the publishers are gone."""
    from rclpy.duration import Duration

    for publisher in publishers.values():
        publisher.wait_for_all_acked(Duration(seconds=FLUSH_S))
    # Subscribers that are best effort acknowledge nothing, and what they have not taken from shared
    # memory when its owner goes is lost.
    time.sleep(SETTLE_S)


def main(argv: list[str] | None = None) -> int:
    """Run the program; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m slowfeat_trainer.simulation.replay", description=__doc__
    )
    parser.add_argument("bag", type=Path, help="a ROS 2 bag")
    parser.add_argument(
        "--rate", type=number(0.001, 1000), default=1.0, help="1 is the bag's own pace"
    )
    parser.add_argument(
        "--start", type=number(0, 1e9), default=0.0, help="leave out the first so many seconds"
    )
    parser.add_argument("--topics", nargs="+", help="which to publish (default: all)")
    parser.add_argument(
        "--wait-for", nargs="*", help="topics that need a subscriber first (default: the images)"
    )
    parser.add_argument(
        "--timeout", type=number(0, DAY_S), default=10.0, help="how long to wait for it, s"
    )
    parser.add_argument(
        "--sent", type=Path, help="write when each image was sent to this JSON file"
    )
    args = parser.parse_args(argv)
    try:
        log = replay(
            args.bag,
            rate=args.rate,
            start_s=args.start,
            topics=args.topics,
            wait_for=args.wait_for,
            timeout_s=args.timeout,
        )
        if args.sent is not None:
            log.save(args.sent)
    except SlowfeatError as error:
        print(f"replay: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    for topic in log.skipped:
        print(f"replay: left out {topic}: its message type is not installed", file=sys.stderr)
    total = sum(log.published.values())
    print(
        f"replay: {total} messages, {len(log.images)} images, {log.latest_s * 1e3:.1f} ms late at "
        "most"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
