"""The images of a bag, decoded chunk by chunk into a frames file."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from slowfeat.errors import MessageError
from slowfeat.images import FULL_BITS
from slowfeat.odometry import NS, Stamps
from slowfeat_trainer import bags
from slowfeat_trainer.data.shrink import Shrink
from slowfeat_trainer.ingest.chunks import THINNED, Chunk, Frames, Picture, decode_chunk
from slowfeat_trainer.ingest.engines import Engine
from slowfeat_trainer.ingest.frames_file import FramesFile
from slowfeat_trainer.ingest.read_video import decode_video
from slowfeat_trainer.ingest.sensor_bits import sensor_bits
from slowfeat_trainer.ingest.set_aside import SetAside

if TYPE_CHECKING:
    from rosbags.highlevel import AnyReader

# A chunk is full at this many messages or bytes: enough to make its overhead small, little enough
# that a few of them in hand do not matter.
CHUNK_MESSAGES, CHUNK_BYTES = 128, 2 << 20


@dataclass
class ImageRows:
    """What stands in the rows of a frames file, and what did not get there."""

    # (N,) header and receive stamp of each row, ns, in the order of the bag.
    header_ns: Stamps
    receive_ns: Stamps
    # (N,) number of each one's message in its topic.
    numbers: npt.NDArray[np.int64]
    # SHA-256 of the frames' bytes.
    sha256: str = ""
    # Messages seen.
    messages: int = 0
    picture: Picture = field(default_factory=Picture)
    dropped: Counter[str] = field(default_factory=Counter)
    # Why the last one of those could not be decoded.
    example: str = ""


class Thinner:
    """Keeps the first image of each period, by the stamps of the headers."""

    def __init__(self, rate_hz: float) -> None:
        self._period_ns = NS / rate_hz
        self._first: int | None = None
        self._seen: set[int] = set()

    def wants(self, stamp_ns: int) -> bool:
        """Whether the image of a stamp is the first of its period."""
        if self._first is None:
            self._first = stamp_ns
        # A little early is on time: stamps jitter.
        period = int((stamp_ns - self._first) / self._period_ns + 0.05)
        if period in self._seen:
            return False
        self._seen.add(period)
        return True


def read_images(
    reader: AnyReader,
    topic: bags.Topic,
    shrink: Shrink,
    engine: Engine,
    target: Path,
    *,
    rate_hz: float | None = None,
    most: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    aside: SetAside | None = None,
) -> ImageRows:
    """Decode the images of a topic into a frames file.

    Args:
        reader: an open bag.
        topic: the image topic.
        shrink: how images become frames.
        engine: who decodes.
        target: the .npy file to write.
        rate_hz: at most this many frames a second; None takes all.
        most: stop after this many messages.
        progress: called with (messages done, messages in all).
        aside: another topic whose messages are put aside on the way.
    """
    receive_ns: list[int] = []
    dropped: Counter[str] = Counter()
    nothing = np.zeros(0, np.int64)
    rows = ImageRows(nothing, nothing, nothing)
    found: list[Frames] = []
    thinner = None if rate_hz is None else Thinner(rate_hz)
    bits = sensor_bits(reader, topic)
    stream = itertools.islice(_messages(reader, topic, aside), most)
    if topic.type in bags.VIDEO_TYPES:
        chunks = _chunks(reader, topic, shrink, None, receive_ns, dropped, stream)
        decoded = decode_video(reader, chunks, shrink, thinner.wants if thinner else None)
    else:
        chunks = _chunks(reader, topic, shrink, thinner, receive_ns, dropped, stream, bits)
        decoded = engine.map(decode_chunk, chunks)
    with FramesFile(target, shrink.size) as file:
        for part in decoded:
            file.append(part.frames)
            # Not a slice, which would keep all of them.
            part.frames = np.zeros((0, *part.frames.shape[1:]), dtype=np.uint8)
            found.append(part)
            if not rows.picture.size[0]:
                rows.picture = replace(part.first, bits=bits)
            dropped += part.dropped
            rows.example = part.example or rows.example
            if progress is not None:
                progress(len(receive_ns), topic.count)
        rows.sha256 = file.close()
    if progress is not None:
        progress(len(receive_ns), topic.count)
    rows.numbers = np.concatenate([nothing, *(part.numbers for part in found)])
    rows.header_ns = np.concatenate([nothing, *(part.stamps for part in found)])
    rows.receive_ns = np.array(receive_ns, dtype=np.int64)[rows.numbers]
    rows.messages = len(receive_ns)
    rows.dropped = dropped
    return rows


def _messages(
    reader: AnyReader, topic: bags.Topic, aside: SetAside | None
) -> Iterator[tuple[int, bytes]]:
    """Receive stamps in ns and messages of the topic; those of the other are put aside."""
    if aside is None:
        for _, received, raw in bags.raw_messages(reader, topic.name, topic.type):
            yield received, raw
        return
    mine = [c for c in reader.connections if (c.topic, c.msgtype) == (topic.name, topic.type)]
    others = [c for c in reader.connections if aside.is_of(c)]
    for connection, received, raw in reader.messages(connections=[*mine, *others]):
        if aside.is_of(connection):
            aside.put(connection, received, raw)
        else:
            yield received, raw


def _chunks(
    reader: AnyReader,
    topic: bags.Topic,
    shrink: Shrink,
    thinner: Thinner | None,
    receive_ns: list[int],
    dropped: Counter[str],
    stream: Iterator[tuple[int, bytes]],
    bits: int = FULL_BITS,
) -> Iterator[Chunk]:
    """The messages of a topic in chunks; notes when each one was received."""
    numbers: list[int] = []
    messages: list[bytes] = []
    size = 0
    for number, (received, raw) in enumerate(stream):
        receive_ns.append(received)
        if thinner is not None and not thinner.wants(_stamp(reader, raw, topic.type, received)):
            dropped[THINNED] += 1
            continue
        numbers.append(number)
        messages.append(raw)
        size += len(raw)
        if len(messages) >= CHUNK_MESSAGES or size >= CHUNK_BYTES:
            yield Chunk(numbers, messages, topic.type, reader.is2, shrink, bits)
            numbers, messages, size = [], [], 0
    if messages:
        yield Chunk(numbers, messages, topic.type, reader.is2, shrink, bits)


def _stamp(reader: AnyReader, raw: bytes, kind: str, received: int) -> int:
    """The header's stamp without reading the whole message, else when it was received."""
    try:
        return bags.stamp_of_raw(reader.is2, raw, kind) or received
    except MessageError:
        return received  # the decoder will say what is wrong with it
