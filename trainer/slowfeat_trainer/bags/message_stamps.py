"""The stamp that a sensor gave its message, from the message or from its bytes."""

from __future__ import annotations

import struct
from typing import Any

from slowfeat.errors import MessageError

# Types that begin with a Time instead of a Header; in ROS 2 bytes both begin alike.
TIME_FIRST = ("foxglove_msgs/msg/CompressedVideo", "foxglove_msgs/msg/CompressedImage")
# Bytes before the stamp: CDR has four of encapsulation, a ROS 1 Header four of seq.
_LEAD = 4


def header_stamp_ns(message: Any) -> int:
    """The header's stamp as integer nanoseconds."""
    stamp = message.header.stamp
    return int(stamp.sec) * 1_000_000_000 + int(stamp.nanosec)


def header_stamp_of_cdr(data: bytes | memoryview) -> int:
    """The header stamp in ns of a serialised message that begins with a std_msgs/Header."""
    # The second byte of the encapsulation is the byte order; the stamp follows after four.
    order = "<" if data[1] & 1 else ">"
    sec, nanosec = struct.unpack_from(f"{order}iI", data, _LEAD)
    return int(sec) * 10**9 + int(nanosec)


def stamp_of_raw(reader_is2: bool, raw: bytes | memoryview, kind: str) -> int:
    """The stamp in ns of a serialised message, without deserialising it.

    Args:
        reader_is2: whether the bytes are CDR (ROS 2) rather than ROS 1.
        raw: the message.
        kind: its type, which begins with a std_msgs/Header or is one of TIME_FIRST.

    Raises:
        MessageError: the bytes are too short.
    """
    try:
        if reader_is2:
            return header_stamp_of_cdr(raw)
        # ROS 1 counts seconds without a sign.
        sec, nanosec = struct.unpack_from("<II", raw, 0 if kind in TIME_FIRST else _LEAD)
    except (struct.error, IndexError) as error:
        raise MessageError(f"a {kind} message of {len(raw)} bytes is too short") from error
    return int(sec) * 10**9 + int(nanosec)
