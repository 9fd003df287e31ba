"""Images of a bag for the page: those of given messages, made small, as data URIs."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from slowfeat.errors import BagError, ImageError
from slowfeat.scaled_decoding import SCALED
from slowfeat_trainer import bags
from slowfeat_trainer.data.shrink import Shrink
from slowfeat_trainer.ingest.chunks import Chunk, decode_chunk
from slowfeat_trainer.ingest.read_video import decode_video
from slowfeat_trainer.page.inline_images import data_uri

if TYPE_CHECKING:
    from rosbags.highlevel import AnyReader

WIDTH = 240


def read_pictures(
    path: Path, topic: bags.Topic, size: tuple[int, int], numbers: Collection[int]
) -> dict[int, str]:
    """JPEG data URIs, at most WIDTH pixels wide, of some messages of an image topic, by their
    number.

    Of images only these are decoded; of a video all up to the last of them. What cannot be decoded
    is left out.

    Args:
        path: the bag.
        topic: the image topic.
        size: (width, height) of its images.
        numbers: of the messages wanted, in the topic.
    """
    if not numbers or not size[0]:
        return {}
    width = min(WIDTH, size[0])
    height = max(8, round(size[1] * width / size[0]))
    shrink = Shrink((height, max(8, width)), decoding=SCALED)
    found: dict[int, str] = {}
    with bags.open_bag(path) as reader:
        chunks = _chunks(reader, topic, shrink, numbers)
        video = topic.type in bags.VIDEO_TYPES
        try:
            for part in (
                decode_video(reader, chunks, shrink, None) if video else map(decode_chunk, chunks)
            ):
                for number, frame in zip(part.numbers.tolist(), part.frames, strict=True):
                    if number in numbers:
                        found[number] = data_uri(frame)
        except (ImageError, BagError):
            return found  # the report has said what is wrong with them
    return found


def _chunks(
    reader: AnyReader, topic: bags.Topic, shrink: Shrink, numbers: Collection[int]
) -> Iterator[Chunk]:
    last = max(numbers)
    video = topic.type in bags.VIDEO_TYPES
    for number, (_, _, raw) in enumerate(bags.raw_messages(reader, topic.name, topic.type)):
        if video or number in numbers:
            yield Chunk([number], [raw], topic.type, reader.is2, shrink)
        if number >= last:
            return
