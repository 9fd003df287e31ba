"""Reading a damaged MCAP file: record after record from the front, without its summary.

After a record that makes no sense the scan goes on at the next chunk (or, in a file without chunks,
message) whose header agrees with itself. Of a chunk that is cut off, what unpacks is read; one that
fails its checksum is left out, because nothing in it can be trusted.
"""

from __future__ import annotations

import mmap
import re
import struct
from binascii import crc32
from pathlib import Path
from typing import NamedTuple

from rosbags.interfaces import (
    Connection,
    ConnectionExtRosbag2,
    MessageDefinition,
    MessageDefinitionFormat,
)

from slowfeat_trainer.bags.packed import (
    MAX_BLOCK_BYTES,
    UNPACK_ERRORS,
    bytes_in_words,
    counted,
    unpack,
)
from slowfeat_trainer.bags.salvage import SalvagedMessage, SalvageReader

MAGIC = b"\x89MCAP0\r\n"
HEADER, FOOTER, SCHEMA, CHANNEL, MESSAGE, CHUNK, MESSAGE_INDEX = range(1, 8)
DATA_END = 0x0F
# Opcode and the eight bytes of a length below 1 TiB, as where a record may begin.
_CHUNK_START = re.compile(rb"\x06.{5}\x00\x00\x00", re.DOTALL)
_MESSAGE_START = re.compile(rb"\x05.{4}\x00\x00\x00\x00", re.DOTALL)
_FORMATS = {
    b"ros2msg": MessageDefinitionFormat.MSG,
    b"ros1msg": MessageDefinitionFormat.MSG,
    b"ros2idl": MessageDefinitionFormat.IDL,
    b"omgidl": MessageDefinitionFormat.IDL,
}
# Unpacked chunks kept at a time: neighbouring chunks overlap a little in time.
_KEPT = 4


class Chunk(NamedTuple):
    """A chunk record's header; `begin` and `end` bound the packed bytes in the file."""

    begin: int
    end: int
    compression: str
    unpacked_size: int
    crc: int


class SalvageMcap(SalvageReader):
    """Reads what is left of an MCAP file."""

    def __init__(self, path: Path, name: str) -> None:
        super().__init__(path, name)
        self._chunks: list[Chunk] = []
        self._schemas: dict[int, tuple[str, MessageDefinition]] = {}
        self._channels: dict[int, tuple[int, str, bytes]] = {}
        self._unpacked: dict[int, bytes] = {}
        self._bad_chunks = 0
        self._lost = 0
        self._skipped = 0
        self._last_failed = False

    def scan(self, data: mmap.mmap) -> None:
        """Walk the records of the file."""
        at = len(MAGIC)
        closed = False
        while at < len(data):
            if data[at : at + len(MAGIC)] == MAGIC:
                at += len(MAGIC)
                continue
            end = _record_end(data, at)
            if end is not None and _agrees(data, at, end):
                closed = closed or data[at] in (DATA_END, FOOTER)
                self._take(data, at, end)
                at = end
                continue
            further = self._resync(data, at)
            if (chunk := _chunk_at(data, at)) is not None and chunk.end > (further or len(data)):
                # Cut off in the middle; the front of it may still unpack.
                self._cut_chunk(data, chunk._replace(end=further or len(data)))
            if further is None:
                rest = bytes_in_words(len(data) - at)
                self.say(f"it is cut off, its last {rest} can be read in part at most")
                closed = True
                break
            self._skipped += further - at
            at = further
        self._sum_up(closed)
        self._connect()

    def _sum_up(self, closed: bool) -> None:
        if self._bad_chunks:
            fails = "fails its checksum" if self._bad_chunks == 1 else "fail their checksums"
            lost = counted(self._lost, "message") if self._lost else "messages"
            self.say(f"{self._bad_chunks} of {len(self._chunks)} chunks {fails}, lost with {lost}")
        if self._skipped:
            self.say(f"{bytes_in_words(self._skipped)} between readable parts unreadable")
        if not closed:
            self.say("it ends without its summary: the recorder was stopped before it was done")

    def _resync(self, data: mmap.mmap, at: int) -> int | None:
        """Where the next record begins that can be trusted, behind `at`."""
        for match in _CHUNK_START.finditer(data, at + 1):
            chunk = _chunk_at(data, match.start())
            if chunk is not None and (chunk.end <= len(data) or chunk.compression or chunk.crc):
                return match.start()
        return None if self._chunks else self._next_message(data, at)

    def _next_message(self, data: mmap.mmap | bytes, at: int) -> int | None:
        """Where the next message of a known channel begins, behind
        `at`, that another one follows.
        """
        for match in _MESSAGE_START.finditer(data, at + 1):
            start = match.start()
            end = _record_end(data, start)
            if end is None or end - start < 31 or not _follows(data, end):
                continue
            if struct.unpack_from("<H", data, start + 9)[0] in self._channels:
                return start
        return None

    def _take(self, data: mmap.mmap, at: int, end: int) -> None:
        """Use one whole record of the file."""
        opcode = data[at]
        if opcode == CHUNK:
            chunk = _chunk_at(data, at)
            if chunk is not None:
                self._whole_chunk(data, chunk)
        elif opcode == MESSAGE_INDEX:
            # It follows its chunk, and holds the number of messages of a broken one.
            if self._last_failed and end - at >= 15:
                self._lost += int(struct.unpack_from("<I", data, at + 11)[0]) // 16
        elif opcode in (SCHEMA, CHANNEL):
            self._define(opcode, data[at + 9 : end])
        elif opcode == MESSAGE and end - at >= 31:
            channel, _, stamp = struct.unpack_from("<HIQ", data, at + 9)
            self.found.append(SalvagedMessage(stamp, -1, at + 31, end - at - 31, channel))

    def _whole_chunk(self, data: mmap.mmap, chunk: Chunk) -> None:
        self._chunks.append(chunk)
        try:
            content = unpack(chunk.compression, data[chunk.begin : chunk.end], chunk.unpacked_size)
            good = len(content) == chunk.unpacked_size and chunk.crc in (0, crc32(content))
        except UNPACK_ERRORS:
            good = False
        self._last_failed = not good
        if good:
            self._take_content(content)
        else:
            self._bad_chunks += 1

    def _cut_chunk(self, data: mmap.mmap, chunk: Chunk) -> None:
        """Use the front of a chunk that the file does not hold to its end."""
        self._chunks.append(chunk)
        skipped = self._skipped
        try:
            self._take_content(unpack(chunk.compression, data[chunk.begin : chunk.end]))
        except UNPACK_ERRORS:
            return
        # What lacks its end is reported as cut off.
        self._skipped = skipped

    def _take_content(self, content: bytes) -> None:
        """Use the records in a chunk, stepping over what makes no sense."""
        at = 0
        while at < len(content):
            end = _record_end(content, at)
            if end is None or not _follows(content, end):
                further = self._next_message(content, at)
                self._skipped += (further or len(content)) - at
                if further is None:
                    return
                at = further
                continue
            opcode = content[at]
            if opcode in (SCHEMA, CHANNEL):
                self._define(opcode, content[at + 9 : end])
            elif opcode == MESSAGE and end - at >= 31:
                channel, _, stamp = struct.unpack_from("<HIQ", content, at + 9)
                place = len(self._chunks) - 1
                self.found.append(SalvagedMessage(stamp, place, at + 31, end - at - 31, channel))
            at = end

    def _define(self, opcode: int, record: bytes) -> None:
        """Note a schema or a channel; a broken one is left out."""
        try:
            (key,) = struct.unpack_from("<H", record)
            if opcode == SCHEMA:
                kind, at = _sized(record, 2)
                encoding, at = _sized(record, at)
                text, _ = _sized(record, at)
                form = _FORMATS.get(encoding, MessageDefinitionFormat.NONE)
                definition = MessageDefinition(form, text.decode())
                self._schemas.setdefault(key, (kind.decode(), definition))
            else:
                (schema,) = struct.unpack_from("<H", record, 2)
                topic, at = _sized(record, 4)
                encoding, _ = _sized(record, at)
                self._channels.setdefault(key, (schema, topic.decode(), encoding))
        except (struct.error, UnicodeDecodeError):
            return

    def _connect(self) -> None:
        """Make connections of the channels whose schema was found."""
        for key, (schema, topic, encoding) in self._channels.items():
            if schema in self._schemas:
                kind, definition = self._schemas[schema]
                extra = ConnectionExtRosbag2(encoding.decode(errors="replace"), [])
                self.connections.append(
                    Connection(key, topic, kind, definition, "", 0, extra, self)
                )

    def read(self, data: mmap.mmap, message: SalvagedMessage) -> bytes | None:
        """The bytes of one message."""
        if message.block < 0:
            return data[message.offset : message.offset + message.size]
        content = self._unpacked.get(message.block)
        if content is None:
            chunk = self._chunks[message.block]
            try:
                content = unpack(chunk.compression, data[chunk.begin : chunk.end])
            except UNPACK_ERRORS:
                return None
            if len(self._unpacked) >= _KEPT:
                del self._unpacked[next(iter(self._unpacked))]
            self._unpacked[message.block] = content
        return content[message.offset : message.offset + message.size]


def _record_end(data: mmap.mmap | bytes, at: int) -> int | None:
    """Behind the record that begins at `at`; None where none fits."""
    if at + 9 > len(data) or not HEADER <= data[at] <= DATA_END:
        return None
    end = at + 9 + int(struct.unpack_from("<Q", data, at + 1)[0])
    return end if end <= len(data) else None


def _agrees(data: mmap.mmap, at: int, end: int) -> bool:
    """Whether a record's length is right: a chunk's fields agree, and another record follows."""
    if data[at] == CHUNK and _chunk_at(data, at) is None:
        return False
    return _follows(data, end)


def _follows(data: mmap.mmap | bytes, end: int) -> bool:
    """Whether at `end` a record begins, as far as a few bytes show, or nothing more comes."""
    if end + 9 > len(data) or data[end : end + 8] == MAGIC:
        return True
    return HEADER <= data[end] <= DATA_END and data[end + 6 : end + 9] == bytes(3)


def _chunk_at(data: mmap.mmap, at: int) -> Chunk | None:
    """The chunk whose record begins at `at`, when all its fields agree."""
    if at + 49 > len(data) or data[at] != CHUNK:
        return None
    length, first, last, unpacked, crc, name = struct.unpack_from("<QQQQII", data, at + 1)
    compression = data[at + 41 : at + 41 + min(name, 8)]
    begin = at + 49 + name
    if name > 4 or compression not in (b"", b"lz4", b"zstd") or begin > len(data):
        return None
    (packed,) = struct.unpack_from("<Q", data, begin - 8)
    if packed != length - 40 - name or first > last or unpacked > MAX_BLOCK_BYTES:
        return None
    if packed > MAX_BLOCK_BYTES:
        return None
    return Chunk(begin, begin + packed, compression.decode(), unpacked, crc)


def _sized(record: bytes, at: int) -> tuple[bytes, int]:
    """A string with its length before it, and where the next field begins."""
    (size,) = struct.unpack_from("<I", record, at)
    end = at + 4 + size
    if end > len(record):
        raise struct.error("string beyond its record")
    return record[at + 4 : end], end
