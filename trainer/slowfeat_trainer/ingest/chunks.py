"""Serialised image messages to small frames: the work that every core does, a chunk at a time.

`decode_chunk` is a pure function of what it is given, so threads and a Ray cluster run the same.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from rosbags.typesys import Stores, get_typestore

from slowfeat.errors import ImageError
from slowfeat.images import FULL_BITS, Image, decode_message, full_size
from slowfeat.odometry import Stamps
from slowfeat_trainer.bags.message_stamps import header_stamp_ns
from slowfeat_trainer.data.shrink import Shrink
from slowfeat_trainer.ingest.image_cdr import KIND, CompressedPicture, compressed_picture

UNDECODABLE = "image: cannot be decoded"
THINNED = "image: more a second than --rate"


@dataclass(frozen=True)
class Chunk:
    """Some messages of an image topic, as they stand in the bag."""

    # Number of each message in its topic.
    numbers: list[int]
    messages: list[bytes]
    # Message type, and whether the bytes are CDR (ROS 2) or ROS 1's own.
    kind: str
    is_cdr: bool
    shrink: Shrink
    # Of 16-bit channels so many bits are used.
    bits: int = FULL_BITS


@dataclass
class Picture:
    """What an image was before it became a frame."""

    # Frame of the message's header.
    frame: str = ""
    # Width and height in pixels; 0 where none could be decoded.
    size: tuple[int, int] = (0, 0)
    encoding: str = ""
    # Of 16-bit channels so many bits are used.
    bits: int = FULL_BITS


@dataclass
class Frames:
    """The frames of a chunk that could be decoded."""

    # (K, H, W, 3) uint8 RGB.
    frames: npt.NDArray[np.uint8]
    # (K,) number of each one's message, and the stamp of its header in ns.
    numbers: npt.NDArray[np.int64]
    stamps: Stamps
    # Messages that could not be decoded, by reason, and an example of why.
    dropped: Counter[str] = field(default_factory=Counter)
    example: str = ""
    # The first image.
    first: Picture = field(default_factory=Picture)


def no_frames(shrink: Shrink) -> Frames:
    """A result without any frame."""
    nothing = np.zeros(0, dtype=np.int64)
    return Frames(np.zeros((0, *shrink.size, 3), dtype=np.uint8), nothing, nothing)


@cache
def _typestore(is_cdr: bool) -> Any:
    return get_typestore(Stores.ROS2_HUMBLE if is_cdr else Stores.ROS1_NOETIC)


def deserialise(message: bytes, kind: str, is_cdr: bool) -> Any:
    """An image message from its bytes; image types are the same in every distribution.

    Raises:
        ImageError: the bytes contradict the type.
    """
    store = _typestore(is_cdr)
    try:
        return (store.deserialize_cdr if is_cdr else store.deserialize_ros1)(message, kind)
    except MemoryError:
        raise
    except Exception as error:  # whatever the generated code meets in foreign bytes
        raise ImageError(f"a {kind} message is malformed: {error}") from error


def decode_chunk(chunk: Chunk) -> Frames:
    """Decode and shrink the messages of a chunk; those that cannot be decoded are counted."""
    frames = np.empty((len(chunk.messages), *chunk.shrink.size, 3), dtype=np.uint8)
    numbers: list[int] = []
    stamps: list[int] = []
    result = no_frames(chunk.shrink)
    fast = chunk.is_cdr and chunk.kind == KIND
    for number, raw in zip(chunk.numbers, chunk.messages, strict=True):
        try:
            message = compressed_picture(raw) if fast else None
            message = message or deserialise(raw, chunk.kind, chunk.is_cdr)
            picture = decode_message(message, chunk.bits, chunk.shrink.wanted)
        except ImageError as error:
            result.dropped[UNDECODABLE] += 1
            result.example = str(error)
            continue
        if not numbers:
            result.first = describe(message, picture)
        frames[len(numbers)] = chunk.shrink(picture)
        numbers.append(number)
        stamps.append(stamp_of(message))
    result.frames = frames[: len(numbers)]
    result.numbers = np.array(numbers, dtype=np.int64)
    result.stamps = np.array(stamps, dtype=np.int64)
    return result


def stamp_of(message: Any) -> int:
    """The stamp of a message's header, ns."""
    return message.stamp_ns if isinstance(message, CompressedPicture) else header_stamp_ns(message)


def describe(message: Any, picture: Image) -> Picture:
    """What the message says of its image, which may have been decoded at a fraction of its size."""
    return Picture(
        message.frame if isinstance(message, CompressedPicture) else message.header.frame_id,
        full_size(message, picture),
        getattr(message, "format", "") or getattr(message, "encoding", ""),
    )
