"""Reading a damaged or unindexed ROS 1 bag: chunk after chunk from the front, without its index.

A bag whose recorder was stopped hard (.bag.active) has no index at all. Connections stand in the
chunks before their first message, so whatever chunk can be unpacked can be read.
"""

from __future__ import annotations

import mmap
import re
import struct
from pathlib import Path
from typing import NamedTuple

from rosbags.interfaces import (
    Connection,
    ConnectionExtRosbag1,
    MessageDefinition,
    MessageDefinitionFormat,
)
from rosbags.typesys.msg import normalize_msgtype

from slowfeat_trainer.bags.packed import UNPACK_ERRORS, bytes_in_words, unpack
from slowfeat_trainer.bags.salvage import SalvagedMessage, SalvageReader

MAGIC = b"#ROSBAG V2.0\n"
MESSAGE, _, _, CHUNK, CHUNK_INFO, CONNECTION = range(2, 8)
_CHUNK_FIELD = re.compile(rb"\x04\x00\x00\x00op=\x05")
# No header is longer: a connection's holds a topic, a chunk's three short fields.
_MAX_HEADER = 4096
_KEPT = 4


class Record(NamedTuple):
    """One record: its header's fields and the bounds of its data."""

    fields: dict[bytes, bytes]
    begin: int
    end: int

    @property
    def opcode(self) -> int:
        """What kind of record it is; 0 where it does not say."""
        value = self.fields.get(b"op", b"")
        return value[0] if len(value) == 1 else 0


class SalvageBag1(SalvageReader):
    """Reads what is left of a ROS 1 bag."""

    def __init__(self, path: Path, name: str) -> None:
        super().__init__(path, name)
        # Compression and bounds of the packed bytes of each chunk.
        self._chunks: list[tuple[str, int, int]] = []
        self._unpacked: dict[int, bytes] = {}
        self._bad_chunks = 0
        self._skipped = 0

    def scan(self, data: mmap.mmap) -> None:
        """Walk the records of the file."""
        at = len(MAGIC)
        indexed = False
        while at < len(data):
            record = _record_at(data, at)
            if record is not None and record.opcode and record.end <= len(data):
                indexed = indexed or record.opcode == CHUNK_INFO
                self._take(data, record)
                at = record.end
                continue
            further = _next_chunk(data, at)
            if record is not None and record.opcode == CHUNK:
                self._chunk(data, record._replace(end=further or len(data)), whole=False)
            if further is None:
                rest = bytes_in_words(len(data) - at)
                self.say(f"it is cut off, its last {rest} can be read in part at most")
                indexed = True
                break
            self._skipped += further - at
            at = further
        if self._bad_chunks:
            self.say(
                f"{self._bad_chunks} of {len(self._chunks)} chunks cannot be unpacked, lost with "
                "messages"
            )
        if self._skipped:
            self.say(f"{bytes_in_words(self._skipped)} between readable parts unreadable")
        if not indexed:
            self.say("it ends without its index: the recorder was stopped before it was done")

    def _take(self, data: mmap.mmap, record: Record) -> None:
        if record.opcode == CHUNK:
            self._chunk(data, record, whole=True)
        elif record.opcode == CONNECTION:
            self._connect(record.fields, data[record.begin : record.end])

    def _chunk(self, data: mmap.mmap, record: Record, whole: bool) -> None:
        """Note the connections and messages in a chunk, up to its first broken record."""
        compression = record.fields.get(b"compression", b"").decode(errors="replace")
        self._chunks.append((compression, record.begin, record.end))
        try:
            content = unpack(compression, data[record.begin : record.end])
        except (KeyError, *UNPACK_ERRORS):
            self._bad_chunks += 1
            return
        at = 0
        while (inner := _record_at(content, at)) is not None and inner.end <= len(content):
            if inner.opcode == CONNECTION:
                self._connect(inner.fields, content[inner.begin : inner.end])
            elif inner.opcode == MESSAGE:
                self._message(inner)
            at = inner.end
        if whole and at < len(content):
            self.say(f"{bytes_in_words(len(content) - at)} in a chunk unreadable")

    def _message(self, record: Record) -> None:
        try:
            (connection,) = struct.unpack("<I", record.fields[b"conn"])
            sec, nanosec = struct.unpack("<II", record.fields[b"time"])
        except (KeyError, struct.error):
            return
        stamp = sec * 10**9 + nanosec
        size = record.end - record.begin
        self.found.append(
            SalvagedMessage(stamp, len(self._chunks) - 1, record.begin, size, connection)
        )

    def _connect(self, fields: dict[bytes, bytes], data: bytes) -> None:
        """Note a connection; a broken one, or one that is known, is left out."""
        inner = _fields_of(data)
        try:
            (key,) = struct.unpack("<I", fields[b"conn"])
            if inner is None or any(key == connection.id for connection in self.connections):
                return
            text = {
                name: inner[name].decode() for name in (b"type", b"md5sum", b"message_definition")
            }
            topic = fields[b"topic"].decode()
        except (KeyError, UnicodeDecodeError, struct.error):
            return
        definition = MessageDefinition(MessageDefinitionFormat.MSG, text[b"message_definition"])
        caller = inner[b"callerid"].decode(errors="replace") if b"callerid" in inner else None
        self.connections.append(
            Connection(
                key,
                f"{'/' * topic.startswith('/')}{'/'.join(filter(None, topic.split('/')))}",
                normalize_msgtype(text[b"type"]),
                definition,
                text[b"md5sum"],
                0,
                ConnectionExtRosbag1(caller, int(inner.get(b"latching") == b"1")),
                self,
            )
        )

    def read(self, data: mmap.mmap, message: SalvagedMessage) -> bytes | None:
        """The bytes of one message."""
        content = self._unpacked.get(message.block)
        if content is None:
            compression, begin, end = self._chunks[message.block]
            try:
                content = unpack(compression, data[begin:end])
            except (KeyError, *UNPACK_ERRORS):
                return None
            if len(self._unpacked) >= _KEPT:
                del self._unpacked[next(iter(self._unpacked))]
            self._unpacked[message.block] = content
        return content[message.offset : message.offset + message.size]


def _fields_of(header: bytes) -> dict[bytes, bytes] | None:
    """The name=value fields of a header; None where they make no sense."""
    fields: dict[bytes, bytes] = {}
    at = 0
    while at < len(header):
        if at + 4 > len(header):
            return None
        (size,) = struct.unpack_from("<I", header, at)
        name, equals, value = header[at + 4 : at + 4 + size].partition(b"=")
        if not equals or at + 4 + size > len(header):
            return None
        fields[name] = value
        at += 4 + size
    return fields


def _record_at(data: mmap.mmap | bytes, at: int) -> Record | None:
    """The record that begins at `at`, which may reach beyond the
    end; None where none makes sense.
    """
    if at + 8 > len(data):
        return None
    (size,) = struct.unpack_from("<I", data, at)
    behind = at + 4 + size
    if not 8 <= size <= _MAX_HEADER or behind + 4 > len(data):
        return None
    fields = _fields_of(data[at + 4 : behind])
    if fields is None:
        return None
    (length,) = struct.unpack_from("<I", data, behind)
    return Record(fields, behind + 4, behind + 4 + length)


def _next_chunk(data: mmap.mmap, at: int) -> int | None:
    """Where the next chunk record begins, behind `at`."""
    for match in _CHUNK_FIELD.finditer(data, at + 1):
        # The opcode may stand before or behind the two other fields of the header.
        for start in range(match.start() - 4, max(at, match.start() - 64), -1):
            record = _record_at(data, start)
            if record is not None and record.opcode == CHUNK and b"compression" in record.fields:
                return start
    return None
