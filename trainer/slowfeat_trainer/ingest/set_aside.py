"""Messages of one topic put aside while another is read, so that a bag is gone through once.

Chunks of a bag hold all topics mixed: each pass unpacks and checks all of it, which for a
compressed bag of large images takes as long as a part of the decoding.
"""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from slowfeat_trainer import bags

if TYPE_CHECKING:
    from rosbags.interfaces import Connection

# Receive stamp in ns and length of a message that follows.
_HEAD = struct.Struct("<qI")
# Up to this many bytes stay in memory, of which each message takes some more than its own; the rest
# goes to disk.
_IN_MEMORY, _MORE = 16 << 20, 200


class SetAside:
    """An open bag of which one topic's messages, once put here, are read from here.

    Stands for the reader wherever messages are asked for; all else is the reader's own.
    """

    def __init__(self, reader: bags.BagReader, topic: bags.Topic, folder: Path) -> None:
        self._reader = reader
        self._topic = topic
        self._first: list[tuple[Connection, int, bytes]] = []
        self._left = _IN_MEMORY
        # What follows; closed by close().
        self._file: IO[bytes] = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115
        self._connection: Connection | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)

    def is_of(self, connection: Connection) -> bool:
        """Whether a connection's messages belong here."""
        return (connection.topic, connection.msgtype) == (self._topic.name, self._topic.type)

    def put(self, connection: Connection, received_ns: int, raw: bytes) -> None:
        """Keep a message."""
        if self._left > 0:
            self._first.append((connection, received_ns, raw))
            self._left -= len(raw) + _MORE
            return
        self._connection = connection
        self._file.write(_HEAD.pack(received_ns, len(raw)))
        self._file.write(raw)

    def messages(
        self,
        connections: Collection[Connection] = (),
        start: int | None = None,
        stop: int | None = None,
    ) -> Iterator[tuple[Connection, int, bytes]]:
        """Those put aside, in their order, where they alone are asked
        for; else as the reader has them.
        """
        if not connections or not all(map(self.is_of, connections)):
            yield from self._reader.messages(connections, start, stop)
            return
        yield from self._first
        self._file.seek(0)
        while head := self._file.read(_HEAD.size):
            received_ns, length = _HEAD.unpack(head)
            assert self._connection is not None  # noqa: S101 - there is a message
            yield self._connection, received_ns, self._file.read(length)

    def close(self) -> None:
        """Forget them."""
        self._first.clear()
        self._file.close()
