"""Compressed video to small frames, in order: each packet leans on those before it.

The decoder uses all cores by itself; what is gained elsewhere by decoding chunks apart is not to be
had.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from slowfeat.errors import ImageError, MessageError
from slowfeat.images import Image
from slowfeat.video import VideoDecoder
from slowfeat_trainer import bags
from slowfeat_trainer.data.shrink import Shrink
from slowfeat_trainer.ingest.chunks import THINNED, UNDECODABLE, Chunk, Frames, Picture, no_frames

if TYPE_CHECKING:
    from rosbags.highlevel import AnyReader

LOST = "image: video before its first keyframe, or lost with a broken packet"


def decode_video(
    reader: AnyReader,
    chunks: Iterator[Chunk],
    shrink: Shrink,
    wants: Callable[[int], bool] | None,
) -> Iterator[Frames]:
    """Decode the packets of one topic.

    Args:
        reader: the open bag.
        chunks: the topic's messages, all of them.
        shrink: how images become frames.
        wants: whether the frame of a stamp in ns is kept; None keeps all.
    """
    decoder: VideoDecoder | None = None
    # Stamp and image of packets that wait in the decoder.
    told: dict[int, tuple[int, Picture]] = {}
    for chunk in chunks:
        found = _Collector(shrink, told, wants)
        for number, raw in zip(chunk.numbers, chunk.messages, strict=True):
            try:
                message = bags.read_message(reader, raw, chunk.kind)
                encoding = getattr(message, "format", "") or getattr(message, "encoding", "")
                decoder = decoder or VideoDecoder(encoding)
                told[number] = _told(message, encoding)
                found.add(decoder.decode(number, message.data))
            except (ImageError, MessageError) as error:
                told.pop(number, None)
                found.result.dropped[UNDECODABLE] += 1
                found.result.example = str(error)
        yield found.finish()
    if decoder is not None:
        last = _Collector(shrink, told, wants)
        last.add(decoder.flush())
        if told:
            last.result.dropped[LOST] += len(told)
        yield last.finish()


def _told(message: Any, encoding: str) -> tuple[int, Picture]:
    """Stamp in ns and camera frame of a packet, of either kind of message."""
    if hasattr(message, "header"):
        stamp, frame = message.header.stamp, message.header.frame_id
    else:
        stamp, frame = message.timestamp, message.frame_id
    return stamp.sec * 10**9 + stamp.nanosec, Picture(frame, (0, 0), encoding)


class _Collector:
    """Shrinks images as they come out, so that no more than one large one is held."""

    def __init__(
        self,
        shrink: Shrink,
        told: dict[int, tuple[int, Picture]],
        wants: Callable[[int], bool] | None,
    ) -> None:
        self.result = no_frames(shrink)
        self._shrink, self._told, self._wants = shrink, told, wants
        self._frames: list[Image] = []
        self._numbers: list[int] = []
        self._stamps: list[int] = []

    def add(self, pictures: list[tuple[int, Image]]) -> None:
        """Take images with the numbers of their messages."""
        for number, picture in pictures:
            stamp, about = self._told.pop(number)
            if self._wants is not None and not self._wants(stamp):
                self.result.dropped[THINNED] += 1
                continue
            if not self._frames:
                about.size = (picture.shape[1], picture.shape[0])
                self.result.first = about
            self._frames.append(self._shrink(picture))
            self._numbers.append(number)
            self._stamps.append(stamp)

    def finish(self) -> Frames:
        """The frames collected."""
        if self._frames:
            self.result.frames = np.stack(self._frames)
            self.result.numbers = np.array(self._numbers, dtype=np.int64)
            self.result.stamps = np.array(self._stamps, dtype=np.int64)
        return self.result
