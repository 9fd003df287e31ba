"""Pieces of CDR, the bytes of ROS 2 messages, for the few types that are read without rosbags."""

from __future__ import annotations

import struct

# The bytes before a message, from whose end on CDR aligns, and how they begin.
ENCAPSULATION = 4
LITTLE_ENDIAN = b"\x00\x01"
# A std_msgs/Header begins with its stamp: two numbers of four bytes.
STAMP_BYTES = 8
_LENGTH = struct.Struct("<I")


def aligned(offset: int, size: int) -> int:
    """The next offset at which CDR puts something of `size` bytes."""
    return ENCAPSULATION + -(-(offset - ENCAPSULATION) // size) * size


def length_at(data: bytes | memoryview, offset: int) -> tuple[int, int]:
    """The length of a string or a sequence of bytes, and where it begins.

    Raises:
        struct.error: the message is too short.
    """
    offset = aligned(offset, 4)
    return int(_LENGTH.unpack_from(data, offset)[0]), offset + 4


def string_at(data: bytes | memoryview, offset: int) -> tuple[str, int]:
    """The string at an offset, and the offset behind it.

    Raises:
        struct.error, IndexError: the message is too short, or the string has no end.
        UnicodeDecodeError: it is no UTF-8.
    """
    length, begin = length_at(data, offset)
    end = begin + length
    if length < 1 or data[end - 1] != 0:
        raise IndexError("a CDR string ends with a zero")
    return str(data[begin : end - 1], "utf-8"), end
