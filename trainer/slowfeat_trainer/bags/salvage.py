"""What the readers of damaged files share: an index of the messages
that were found, read by time.
"""

from __future__ import annotations

import mmap
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from slowfeat.errors import BagError
from slowfeat_trainer.bags.packed import counted

if TYPE_CHECKING:
    from rosbags.interfaces import Connection


class SalvagedMessage(NamedTuple):
    """Where one message lies. Sorts by time, then by place."""

    # Receive stamp in ns.
    stamp: int
    # Which block (chunk, row) of the file, and the bytes in it.
    block: int
    offset: int
    size: int
    # Id of its connection.
    connection: int


class SalvageReader(ABC):
    """Reads one storage file without trusting its indexes; what rosbags expects of a storage.

    Opening scans the whole file once. `damage` then says in sentences what could not be read.

    Args:
        path: the file.
        name: what to call it in sentences.
    """

    def __init__(self, path: Path, name: str) -> None:
        self.path = path
        self.name = name
        self.connections: list[Connection] = []
        self.damage: list[str] = []
        self.found: list[SalvagedMessage] = []
        self.data: mmap.mmap | None = None
        self._file: BinaryIO | None = None

    @abstractmethod
    def scan(self, data: mmap.mmap) -> None:
        """Fill `connections`, `found` and `damage`; message counts are filled in afterwards."""

    @abstractmethod
    def read(self, data: mmap.mmap, message: SalvagedMessage) -> bytes | None:
        """The serialised message; None when it cannot be read after all."""

    def open(self) -> None:
        """Scan the file.

        Raises:
            BagError: it holds no message that can be read.
        """
        if not self.path.stat().st_size:
            raise BagError(f"{self.name} is empty, or none of it can be unpacked")
        self._file = self.path.open("rb")
        try:
            self.data = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
            self.scan(self.data)
        except BaseException:
            self.close()
            raise
        known = {connection.id for connection in self.connections}
        found = [message for message in self.found if message.connection in known]
        if (strays := len(self.found) - len(found)) > 0:
            self.say(f"{counted(strays, 'message')} without a topic that can be read")
        self.found = sorted(found)
        counts = Counter(message.connection for message in found)
        self.connections = [c._replace(msgcount=counts[c.id]) for c in self.connections]
        if not found:
            self.close()
            raise BagError(
                f"{self.name} holds no message that can be read: it is no bag, or too damaged"
            )

    def close(self) -> None:
        """Close the file."""
        if self.data is not None:
            self.data.close()
            self.data = None
        if self._file is not None:
            self._file.close()
            self._file = None

    def say(self, sentence: str) -> None:
        """Note a loss once."""
        sentence = f"{self.name}: {sentence}"
        if sentence not in self.damage:
            self.damage.append(sentence)

    @property
    def start_time(self) -> int:
        """Stamp of the first message in ns."""
        return self.found[0].stamp if self.found else 2**63 - 1

    @property
    def end_time(self) -> int:
        """1 ns after the stamp of the last message."""
        return self.found[-1].stamp + 1 if self.found else 0

    @property
    def message_count(self) -> int:
        """How many messages were found."""
        return len(self.found)

    def messages(
        self,
        connections: Collection[Connection],
        start: int | None = None,
        stop: int | None = None,
    ) -> Iterator[tuple[Connection, int, bytes]]:
        """Connection, receive stamp in ns and bytes, by time; as rosbags' readers."""
        wanted = {connection.id: connection for connection in connections}
        unreadable = 0
        for message in self.found:
            if message.connection not in wanted:
                continue
            if (start is not None and message.stamp < start) or (
                stop is not None and message.stamp >= stop
            ):
                continue
            if self.data is None:
                raise BagError(f"{self.name} was closed while it was read")
            raw = self.read(self.data, message)
            if raw is None:
                unreadable += 1
            else:
                yield wanted[message.connection], message.stamp, raw
        if unreadable:
            self.say(f"{counted(unreadable, 'message')} present but not readable")
