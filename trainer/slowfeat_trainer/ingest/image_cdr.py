"""A serialised sensor_msgs/CompressedImage, straight from its bytes.

rosbags builds four Python objects of each message, during which no other thread can decode: of a
small image that takes as long as a twentieth of its decoding.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from slowfeat_trainer.bags.cdr import (
    ENCAPSULATION,
    LITTLE_ENDIAN,
    STAMP_BYTES,
    length_at,
    string_at,
)
from slowfeat_trainer.bags.message_stamps import header_stamp_of_cdr

KIND = "sensor_msgs/msg/CompressedImage"
# CDR ends on a multiple of four.
PADDING = 3


class CompressedPicture(NamedTuple):
    """The fields of a message; `format` and `data` as slowfeat.images.decode_message reads them."""

    # Of the header, ns; and its frame_id.
    stamp_ns: int
    frame: str
    format: str
    # (n,) the image's file, in the message's own memory.
    data: npt.NDArray[np.uint8]


def compressed_picture(raw: bytes | memoryview) -> CompressedPicture | None:
    """What little-endian CDR holds; None where anything is unusual, for rosbags to judge."""
    if raw[:2] != LITTLE_ENDIAN:
        return None
    try:
        frame, end = string_at(raw, ENCAPSULATION + STAMP_BYTES)
        picture_format, end = string_at(raw, end)
        length, begin = length_at(raw, end)
    except (struct.error, UnicodeDecodeError, IndexError):
        return None
    if not length or not 0 <= len(raw) - (begin + length) <= PADDING:
        return None
    data = np.frombuffer(raw, dtype=np.uint8, count=length, offset=begin)
    return CompressedPicture(header_stamp_of_cdr(raw), frame, picture_format, data)
