"""Opening a bag and reading its messages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rosbags.highlevel import AnyReader, AnyReaderError
from rosbags.rosbag1 import ReaderError as Bag1Error
from rosbags.rosbag2 import ReaderError as Bag2Error
from rosbags.serde import SerdeError

from slowfeat.errors import BagError, MessageError, UsageError
from slowfeat_trainer.bags.typestore import default_typestore

if TYPE_CHECKING:
    from rosbags.interfaces import Connection

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
        with AnyReader([path], default_typestore=default_typestore()) as reader:
            yield reader
    except READ_ERRORS as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise BagError(
            f"{path} cannot be read as a bag: {reason}; ros2 bag reindex may mend a damaged one"
        ) from error


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
