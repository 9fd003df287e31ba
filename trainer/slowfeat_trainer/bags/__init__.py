"""Opening bags and choosing topics: what is in a bag, and which of it is camera and odometry."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rosbags.highlevel import AnyReader, AnyReaderError
from rosbags.rosbag1 import ReaderError as Bag1Error
from rosbags.rosbag2 import ReaderError as Bag2Error
from rosbags.serde import SerdeError
from rosbags.typesys import Stores, get_typestore

from slowfeat.errors import BagError, MessageError, UsageError

if TYPE_CHECKING:
    from rosbags.interfaces import Connection

IMAGE_TYPES = ("sensor_msgs/msg/CompressedImage", "sensor_msgs/msg/Image")
ODOMETRY_TYPES = ("nav_msgs/msg/Odometry",)
CAMERA_INFO_TYPE = "sensor_msgs/msg/CameraInfo"
TF_STATIC_TYPE = "tf2_msgs/msg/TFMessage"
# What reading a damaged or foreign file can raise inside rosbags and the storage libraries.
READ_ERRORS = (
    AnyReaderError,
    Bag1Error,
    Bag2Error,
    SerdeError,
    OSError,
    ValueError,
    KeyError,
    AssertionError,
)


@dataclass(frozen=True)
class Topic:
    """One topic of a bag."""

    name: str
    # Message type in ROS 2 spelling.
    type: str
    count: int


@contextmanager
def open_bag(path: Path) -> Iterator[AnyReader]:
    """Open a bag of any kind that rosbags reads: a rosbag2 folder, a single file, a ROS 1 .bag.

    Raises:
        UsageError: nothing stands at `path`.
        BagError: it is not a bag, or it is damaged; also for errors while the block reads from it.
    """
    if not path.exists():
        raise UsageError(f"{path} does not exist; give a bag's folder or file")
    try:
        with AnyReader([path], default_typestore=get_typestore(Stores.ROS2_HUMBLE)) as reader:
            yield reader
    except READ_ERRORS as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise BagError(
            f"{path} cannot be read as a bag: {reason}; ros2 bag reindex may mend a damaged one"
        ) from error


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
                f"{wanted} in {bag} is {named[0].type} with {named[0].count} messages; {flag} needs {kinds}"
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


def read_message(reader: AnyReader, raw: bytes, kind: str) -> Any:
    """The message that some bytes of a bag hold.

    Raises:
        MessageError: the bytes contradict the type.
    """
    try:
        return reader.deserialize(raw, kind)
    except Exception as error:  # whatever the generated code meets in foreign bytes
        raise MessageError(f"a {kind} message is malformed: {error}") from error


def messages(reader: AnyReader, name: str, kind: str) -> Iterator[tuple[int, Any]]:
    """Receive stamps in ns and deserialised messages of one topic, in the order of the bag."""
    for connection, stamp, raw in raw_messages(reader, name, kind):
        yield stamp, reader.deserialize(raw, connection.msgtype)


def raw_messages(
    reader: AnyReader, name: str, kind: str
) -> Iterator[tuple[Connection, int, bytes]]:
    """Connection, receive stamp in ns and serialised message of one topic."""
    chosen = [c for c in reader.connections if c.topic == name and c.msgtype == kind]
    if chosen:
        yield from reader.messages(connections=chosen)


def header_stamp_ns(message: Any) -> int:
    """The header's stamp as integer nanoseconds."""
    stamp = message.header.stamp
    return int(stamp.sec) * 1_000_000_000 + int(stamp.nanosec)


def bag_sha256(path: Path) -> str:
    """SHA-256 over a bag's storage files, in the order of their names (metadata.yaml left out)."""
    files = [path] if path.is_file() else sorted(p for p in path.iterdir() if p.is_file())
    digest = hashlib.sha256()
    for file in files:
        if file.name == "metadata.yaml":
            continue
        with file.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def header_stamp_of_cdr(data: bytes | memoryview) -> int:
    """The header stamp in ns of a serialised message that begins with a std_msgs/Header."""
    # The second byte of the encapsulation tells the byte order; the stamp follows after four.
    order = "<" if data[1] & 1 else ">"
    sec, nanosec = struct.unpack_from(f"{order}iI", data, 4)
    return int(sec) * 10**9 + int(nanosec)
