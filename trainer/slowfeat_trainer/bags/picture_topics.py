"""Which image topics hold images: depth cameras publish distances in the same type of message."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING

from slowfeat.encodings import DEPTH_ENCODINGS
from slowfeat.errors import MessageError
from slowfeat_trainer.bags.reading import messages
from slowfeat_trainer.bags.topics import IMAGE_TYPES, Topic

if TYPE_CHECKING:
    from rosbags.highlevel import AnyReader


def without_depth(reader: AnyReader, topics: Sequence[Topic]) -> list[Topic]:
    """Topics without those of images whose first message holds
    distances, unless all image topics do.
    """
    images = [topic for topic in topics if topic.type in IMAGE_TYPES and topic.count]
    if len(images) < 2:
        return list(topics)
    depth = [topic for topic in images if _is_depth(reader, topic)]
    return [topic for topic in topics if topic not in depth or len(depth) == len(images)]


def _is_depth(reader: AnyReader, topic: Topic) -> bool:
    try:
        for _, message in islice(messages(reader, topic.name, topic.type), 1):
            said = str(getattr(message, "encoding", None) or getattr(message, "format", ""))
            first = said.partition(";")[0].strip()
            return first.upper() in DEPTH_ENCODINGS or "compresseddepth" in said.lower()
    except MessageError:
        return False
    return False
