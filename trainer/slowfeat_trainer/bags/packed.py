"""The compressions that occur in bags, and what is left of a compressed block that is cut off."""

from __future__ import annotations

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
    "UNPACK",
    "UNPACK_ERRORS",
    "ZSTD_MAGIC",
    "bytes_in_words",
    "counted",
    "zstd",
]

ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
# No recorder makes blocks near this size; a header that says so lies.
MAX_BLOCK_BYTES = 1 << 31
# What unpacking foreign bytes raises.
UNPACK_ERRORS = (zstd.ZstdError, OSError, EOFError, RuntimeError, ValueError, MemoryError)


def _zstd(data: bytes) -> bytes:
    return zstd.ZstdDecompressor().decompress(data, max_length=MAX_BLOCK_BYTES)


def _lz4(data: bytes) -> bytes:
    return bytes(LZ4FrameDecompressor().decompress(data, max_length=MAX_BLOCK_BYTES))


def _bz2(data: bytes) -> bytes:
    return BZ2Decompressor().decompress(data, max_length=MAX_BLOCK_BYTES)


# By the names that MCAP ("" is none) and ROS 1 bags use. Each gives as much as the bytes hold.
UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "none": bytes,
    "zstd": _zstd,
    "lz4": _lz4,
    "bz2": _bz2,
}


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
