"""How many bits of 16-bit images a camera uses, from a sample of a bag."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from slowfeat.errors import ImageError
from slowfeat.images import FULL_BITS, bits_for, largest_value
from slowfeat_trainer import bags
from slowfeat_trainer.ingest.chunks import deserialise

if TYPE_CHECKING:
    from rosbags.highlevel import AnyReader

# So many images are looked at in each of so many places of the bag.
PLACES, IMAGES = 8, 4


def sensor_bits(reader: AnyReader, topic: bags.Topic) -> int:
    """8, 10, 12, 14 or 16: the fewest bits that hold the values of a topic's
    images; 16 for images of 8 bits too.
    """
    if topic.type in bags.VIDEO_TYPES:
        return FULL_BITS
    first = _largest(reader, topic, None)
    if first is None:
        return FULL_BITS
    start, end = reader.start_time, reader.end_time
    places = [start + (end - start) * k // PLACES for k in range(1, PLACES)]
    return bits_for(max(first, *(_largest(reader, topic, place) or 0 for place in places)))


def _largest(reader: AnyReader, topic: bags.Topic, start: int | None) -> int | None:
    """The largest value in a few images from a stamp on; None where they are not of 16 bits."""
    connections = [
        c for c in reader.connections if (c.topic, c.msgtype) == (topic.name, topic.type)
    ]
    found = []
    for connection, _, raw in islice(reader.messages(connections, start=start), IMAGES):
        try:
            value = largest_value(deserialise(raw, connection.msgtype, reader.is2))
        except ImageError:
            continue
        if value is None:
            return None
        found.append(value)
    return max(found, default=None)
