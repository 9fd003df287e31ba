"""The times of every topic of a bag, from one pass over its messages."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from rosbags.interfaces import Nodetype

from slowfeat.errors import MessageError
from slowfeat.geometry import Array
from slowfeat.odometry import NS, Stamps
from slowfeat_trainer import bags
from slowfeat_trainer.bags.message_stamps import TIME_FIRST
from slowfeat_trainer.motion.stamps import UsableStamps, usable_stamps

if TYPE_CHECKING:
    from rosbags.highlevel import AnyReader

HEADER = (Nodetype.NAME, "std_msgs/msg/Header")
# Called with each message of a topic: its number and bytes.
Look = Callable[[int, bytes], None]


@dataclass(frozen=True)
class TopicTimes:
    """When the messages of one topic were stamped and received."""

    topic: bags.Topic
    # (N,) ns, in the order of the bag; None for a type without header, 0 where it cannot be read.
    header_ns: Stamps | None
    # (N,) ns.
    receive_ns: Stamps
    # Size of all messages.
    size_bytes: int

    def __len__(self) -> int:
        return len(self.receive_ns)

    @cached_property
    def usable(self) -> UsableStamps:
        """The stamps that ingest would believe."""
        return usable_stamps(self.header_ns, self.receive_ns, "message")

    @cached_property
    def intervals_s(self) -> Array:
        """Seconds (K - 1,) between the usable stamps, which are those of
        the headers where there are any.
        """
        return np.diff(self.usable.stamps).astype(np.float64) / NS

    @property
    def rate_hz(self) -> float | None:
        """One over the median interval; None for fewer than two messages."""
        return float(1 / np.median(self.intervals_s)) if len(self.intervals_s) else None

    @property
    def interval_sd_s(self) -> float | None:
        """Standard deviation of the intervals."""
        return float(self.intervals_s.std()) if len(self.intervals_s) else None

    @property
    def interval_p99_s(self) -> float | None:
        """Of a hundred intervals, one is longer."""
        return float(np.percentile(self.intervals_s, 99)) if len(self.intervals_s) else None

    @property
    def longest_gap_s(self) -> float | None:
        """The longest interval."""
        return float(self.intervals_s.max()) if len(self.intervals_s) else None

    @property
    def delays_s(self) -> Array:
        """Seconds (K,) from the stamp of the header to receipt; empty without headers."""
        if self.header_ns is None:
            return np.zeros(0)
        stamped = self.header_ns > 0
        return np.asarray((self.receive_ns[stamped] - self.header_ns[stamped]) / NS)


def read_times(
    reader: AnyReader, topics: list[bags.Topic], looks: Mapping[bags.Topic, Look]
) -> list[TopicTimes]:
    """The times of all topics, in one pass; nothing is deserialised.

    Args:
        reader: the open bag.
        topics: from bags.topics_of.
        looks: who looks at the messages of a topic on the way.

    Raises:
        BagError: no message can be read.
    """
    stamped = {topic.type: _begins_with_stamp(reader, topic.type) for topic in topics}
    key = {(topic.name, topic.type): place for place, topic in enumerate(topics)}
    headers = [array("q") for _ in topics]
    receives = [array("q") for _ in topics]
    sizes = [0] * len(topics)
    for connection, receive_ns, raw in reader.messages():
        place = key[connection.topic, connection.msgtype]
        if stamped[connection.msgtype]:
            headers[place].append(_stamp(reader, raw, connection.msgtype))
        look = looks.get(topics[place])
        if look is not None:
            look(len(receives[place]), raw)
        receives[place].append(receive_ns)
        sizes[place] += len(raw)
    return [
        TopicTimes(
            topic,
            np.array(headers[place], dtype=np.int64) if stamped[topic.type] else None,
            np.array(receives[place], dtype=np.int64),
            sizes[place],
        )
        for place, topic in enumerate(topics)
    ]


def _begins_with_stamp(reader: AnyReader, kind: str) -> bool:
    """Whether the messages of a type begin with a header or a time."""
    if kind in TIME_FIRST:
        return True
    definition = reader.typestore.fielddefs.get(kind)
    return definition is not None and bool(definition[1]) and definition[1][0][1] == HEADER


def _stamp(reader: AnyReader, raw: bytes, kind: str) -> int:
    try:
        return bags.stamp_of_raw(reader.is2, raw, kind)
    except MessageError:
        return 0
