"""The compressions that occur in bags, and what is left of a compressed block that is cut off."""

from __future__ import annotations

import errno
import sys
from bz2 import BZ2Decompressor
from collections.abc import Callable

from lz4.frame import LZ4FrameDecompressor  # type: ignore[import-untyped]

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

__all__ = [
    "MAX_BLOCK_BYTES",
    "UNPACK_ERRORS",
    "ZSTD_MAGIC",
    "bytes_in_words",
    "counted",
    "no_room",
    "unpack",
    "zstd",
]

ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
# No recorder makes blocks (chunks, messages) near this size; what says so lies, and what grows
# beyond is a bomb.
MAX_BLOCK_BYTES = 1 << 28
# What unpacking foreign bytes raises. A full memory or disk is no fault of the bytes, and not among
# them.
UNPACK_ERRORS = (zstd.ZstdError, EOFError, RuntimeError, ValueError)
# How a system says that it has no room, rather than that the bytes are bad.
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.EIO}


def _zstd(data: bytes, most: int) -> bytes:
    return zstd.ZstdDecompressor().decompress(data, max_length=most)


def _lz4(data: bytes, most: int) -> bytes:
    return bytes(LZ4FrameDecompressor().decompress(data, max_length=most))


def _bz2(data: bytes, most: int) -> bytes:
    try:
        return BZ2Decompressor().decompress(data, max_length=most)
    except OSError as error:  # its word for bytes that are not bzip2's
        raise ValueError(str(error)) from error


def _plain(data: bytes, most: int) -> bytes:
    return bytes(data[:most])


# By the names that MCAP ("" is none) and ROS 1 bags use. Each gives as much as the bytes hold, up
# to a limit.
_UNPACK: dict[str, Callable[[bytes, int], bytes]] = {
    "": _plain,
    "none": _plain,
    "zstd": _zstd,
    "lz4": _lz4,
    "bz2": _bz2,
}


def unpack(compression: str, data: bytes, declared: int | None = None) -> bytes:
    """What a compressed block holds; of one that is cut off, its front.

    Args:
        compression: by the name that MCAP or ROS 1 bags have for it.
        data: the block.
        declared: its size by the header, where there is one.

    Raises:
        UNPACK_ERRORS: the bytes are bad, or hold more than the header says or than any recorder
            writes.
    """
    most = MAX_BLOCK_BYTES if declared is None else declared
    if compression not in _UNPACK or most > MAX_BLOCK_BYTES or len(data) > MAX_BLOCK_BYTES:
        raise ValueError(f"a block of {compression} larger than any recorder writes")
    content = _UNPACK[compression](data, most + 1)
    if len(content) > most:
        raise ValueError("the block holds more than its header says")
    return content


def no_room(error: BaseException) -> bool:
    """Whether an error says that this machine has no room, rather than that a bag is damaged."""
    return isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno in NO_ROOM)


def counted(count: int, noun: str) -> str:
    """A number and what it counts: 1 message, 2 messages."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def bytes_in_words(count: int) -> str:
    """A number of bytes to be read by people: 83 kB."""
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= 10 * size:
            return f"{count // size} {unit}"
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return counted(count, "byte")
