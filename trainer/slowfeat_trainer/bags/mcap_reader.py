"""rosbags' reader of MCAP files, with the messages of a chunk found in place.

rosbags reads every field of every record through a stream, and merges all chunks of the file
message by message. For a bag of small images that takes as long as a tenth of their decoding, and
other threads wait meanwhile.
"""

from __future__ import annotations

import struct
from bisect import bisect_left
from collections.abc import Collection, Generator, Iterator
from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING
from zlib import crc32

from rosbags.rosbag2 import ReaderError
from rosbags.rosbag2.storage_mcap import DECOMPRESSORS, McapReader

from slowfeat_trainer.bags.packed import MAX_BLOCK_BYTES, UNPACK_ERRORS, unpack

if TYPE_CHECKING:
    from rosbags.interfaces import Connection
    from rosbags.rosbag2.storage_mcap import ChunkInfo

# rosbags unpacks chunks while it opens a file without an index, however large they turn out to be.
DECOMPRESSORS.update({name: partial(unpack, name) for name in DECOMPRESSORS})

MESSAGE = 0x05
# A record: opcode and length, and of a message its channel, sequence number, two stamps, and the
# bytes.
_LENGTH, _RECORD_HEAD = struct.Struct("<Q"), 9
_FIELDS, _FIELDS_BYTES = struct.Struct("<QHIQ"), 22
# In a chunk's record, behind opcode, length, both times and the unpacked size.
_CRC, _CRC_AT = struct.Struct("<I"), 33
# What comes before the compression's name, and behind it the packed size.
_NAME_AT, _SIZE_BYTES = 41, 8

# Stamp in ns, place of the chunk in the file, connection, bytes.
_Found = tuple[int, int, "Connection", bytes]


class ChunkedMcapReader(McapReader):
    """Gives what McapReader gives, in the same order."""

    def messages(
        self,
        connections: Collection[Connection],
        start: int | None = None,
        stop: int | None = None,
    ) -> Generator[tuple[Connection, int, bytes], None, None]:
        """Connection, receive stamp in ns and bytes, by time; those of one time as the file has
        them.

        Raises:
            ReaderError: a chunk contradicts its header or its checksum.
        """
        if not self.chunks:
            yield from super().messages(connections, start, stop)
            return
        wanted = {connection.id: connection for connection in connections}
        chunks = [
            chunk
            for chunk in self.chunks
            if (start is None or start <= chunk.message_end_time)
            and (stop is None or chunk.message_start_time < stop)
            and any(chunk.channel_count.get(channel, 0) for channel in wanted)
        ]
        chunks.sort(key=lambda chunk: (chunk.message_start_time, chunk.chunk_start_offset))
        # Found, but a message of a chunk still to be read may come before.
        waiting: list[_Found] = []
        for k, chunk in enumerate(chunks):
            waiting += self._found_in(chunk, wanted, start, stop)
            waiting.sort(key=itemgetter(0, 1))
            ready = len(waiting)
            if k + 1 < len(chunks):
                ready = bisect_left(waiting, chunks[k + 1].message_start_time, key=itemgetter(0))
            for stamp, _, connection, raw in waiting[:ready]:
                yield connection, stamp, raw
            del waiting[:ready]

    def _found_in(
        self,
        chunk: ChunkInfo,
        wanted: dict[int, Connection],
        start: int | None,
        stop: int | None,
    ) -> Iterator[_Found]:
        """The wanted messages of a chunk, in the order of the file."""
        first = chunk.message_start_time if start is None else start
        behind = chunk.message_end_time + 1 if stop is None else stop
        content = self._content(chunk)
        at, size, place = 0, len(content), chunk.chunk_start_offset
        while at + _RECORD_HEAD <= size:
            if content[at] != MESSAGE:
                at += _RECORD_HEAD + int(_LENGTH.unpack_from(content, at + 1)[0])
                continue
            length, channel, _, stamp = _FIELDS.unpack_from(content, at + 1)
            begin = at + _RECORD_HEAD
            at = begin + length
            if length < _FIELDS_BYTES:
                break
            if channel in wanted and first <= stamp < behind:
                yield stamp, place, wanted[channel], content[begin + _FIELDS_BYTES : at]
        if at != size:
            raise ReaderError(f"the chunk at {place} has a record cut off")

    def _content(self, chunk: ChunkInfo) -> bytes:
        """The unpacked and checked records of a chunk."""
        assert self.bio is not None  # noqa: S101 - for the type checker
        if max(chunk.compressed_size, chunk.uncompressed_size) > MAX_BLOCK_BYTES:
            raise ReaderError(f"the chunk at {chunk.chunk_start_offset} says an absurd size")
        head = _NAME_AT + len(chunk.compression) + _SIZE_BYTES
        self.bio.seek(chunk.chunk_start_offset)
        data = self.bio.read(head + chunk.compressed_size)
        (crc,) = _CRC.unpack_from(data, _CRC_AT)
        try:
            content = unpack(chunk.compression, data[head:], chunk.uncompressed_size)
        except UNPACK_ERRORS as error:
            raise ReaderError(f"the chunk at {chunk.chunk_start_offset}: {error}") from error
        if len(content) != chunk.uncompressed_size or crc not in (0, crc32(content)):
            raise ReaderError(f"the chunk at {chunk.chunk_start_offset} contradicts its header")
        return content
