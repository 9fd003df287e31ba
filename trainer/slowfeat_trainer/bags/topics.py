"""The topics of a bag, and which of them is camera and odometry."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from slowfeat.errors import BagError, UsageError

if TYPE_CHECKING:
    from rosbags.highlevel import AnyReader

IMAGE_TYPES = ("sensor_msgs/msg/CompressedImage", "sensor_msgs/msg/Image")
VIDEO_TYPES = (
    "foxglove_msgs/msg/CompressedVideo",
    "ffmpeg_image_transport_msgs/msg/FFMPEGPacket",
)
CAMERA_INFO_TYPE = "sensor_msgs/msg/CameraInfo"


@dataclass(frozen=True)
class Topic:
    """One topic of a bag."""

    name: str
    # Message type in ROS 2 spelling.
    type: str
    count: int


def topics_of(reader: AnyReader) -> list[Topic]:
    """The topics of an open bag, sorted by name; several publishers of one topic count together."""
    counts: dict[tuple[str, str], int] = {}
    for connection in reader.connections:
        key = (connection.topic, connection.msgtype)
        counts[key] = counts.get(key, 0) + connection.msgcount
    return [Topic(name, kind, count) for (name, kind), count in sorted(counts.items())]


def choose_topic(
    topics: list[Topic], types: tuple[str, ...], wanted: str | None, what: str, flag: str, bag: Path
) -> Topic:
    """The one topic of some types, or the one that the user named.

    Args:
        topics: all topics of the bag.
        types: the message types that will do.
        wanted: a topic's name from the flag; None to find it.
        what: "image" or "odometry", for messages.
        flag: the flag that names the topic, for messages.
        bag: the bag's path, for messages.

    Raises:
        UsageError: several would do and none was named, or the named one is not there.
        BagError: the bag has none.
    """
    usable = [topic for topic in topics if topic.type in types and topic.count > 0]
    if wanted is not None:
        named = [topic for topic in topics if topic.name.strip("/") == wanted.strip("/")]
        if not named:
            raise UsageError(f"{bag} has no topic {wanted}; it has {_listed(topics)}")
        fitting = [topic for topic in named if topic in usable]
        if not fitting:
            kinds = ", ".join(types)
            raise UsageError(
                f"{wanted} in {bag} is {named[0].type} with {named[0].count} messages; {flag} "
                f"needs {kinds}"
            )
        return fitting[0]
    if not usable:
        raise BagError(f"{bag} has no {what} topic ({', '.join(types)}); it has {_listed(topics)}")
    if len(usable) > 1:
        raise UsageError(
            f"{bag} has {len(usable)} {what} topics, choose one with {flag}: {_listed(usable)}"
        )
    return usable[0]


def _listed(topics: list[Topic]) -> str:
    return ", ".join(f"{t.name} [{t.type}, {t.count}]" for t in topics) or "no topics at all"
