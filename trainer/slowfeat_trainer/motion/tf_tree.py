"""The transforms of a bag's /tf and /tf_static, and the chain of them from one frame to another."""

from __future__ import annotations

from array import array
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from slowfeat.geometry import Array
from slowfeat_trainer import bags
from slowfeat_trainer.motion.poses import RawPoses, each_message

if TYPE_CHECKING:
    from rosbags.highlevel import AnyReader

# That of ROS 2 and of later ROS 1, and that of early ROS 1.
TF_TYPES = ("tf2_msgs/msg/TFMessage", "tf/msg/tfMessage")
STATIC_NAME = "tf_static"
# Where a localisation corrects itself these jump against odom, so no chain leads through them
# unasked.
JUMPING_FRAMES = ("map", "earth")


def is_static_topic(topic: bags.Topic) -> bool:
    """Whether a topic holds static transforms only."""
    return topic.type in TF_TYPES and topic.name.endswith(STATIC_NAME)


@dataclass
class Edge:
    """The transforms of one child frame in one parent frame."""

    parent: str
    child: str
    # Whether it was published as static.
    latched: bool
    # Header and receive stamp in ns of each transform, and its [x y z m, qx qy qz qw]; in arrays,
    # as an hour of a robot with many joints has millions of transforms.
    stamps: array[int] = field(default_factory=lambda: array("q"))
    numbers: array[float] = field(default_factory=lambda: array("d"))

    def __len__(self) -> int:
        return len(self.stamps) // 2

    @property
    def values(self) -> Array:
        """(N, 7) [x y z m, qx qy qz qw] of the child in the parent, unchecked."""
        return np.array(self.numbers, dtype=np.float64).reshape(-1, 7)

    @property
    def poses(self) -> RawPoses:
        """The poses of the child in the parent, unchecked."""
        stamps = np.array(self.stamps, dtype=np.int64).reshape(-1, 2)
        return RawPoses(stamps[:, 0], stamps[:, 1], self.values)

    def is_constant(self) -> bool:
        """Whether it never changes, as static transforms of ROS 1, which are sent on /tf."""
        return self.latched or bool((self.values == self.values[:1]).all())


class Link(NamedTuple):
    """One edge of a chain."""

    edge: Edge
    # Whether the chain goes from parent to child.
    forward: bool


class TransformTree:
    """All transforms of a bag."""

    def __init__(self, edges: Sequence[Edge]) -> None:
        self.edges = list(edges)

    @property
    def frames(self) -> list[str]:
        """The names of all frames, sorted."""
        return sorted({name for edge in self.edges for name in (edge.parent, edge.child)})

    def frame_named(self, name: str) -> str | None:
        """The frame of a name: that very one, else the only one with
        it as last element ("r1/odom").
        """
        wanted = name.strip("/")
        if wanted in self.frames:
            return wanted
        spaced = [frame for frame in self.frames if frame.endswith(f"/{wanted}")]
        return spaced[0] if len(spaced) == 1 else None

    def leaves_below(self, frame: str) -> list[str]:
        """The frames without children that hang below a frame."""
        children: dict[str, set[str]] = {}
        for edge in self.edges:
            children.setdefault(edge.parent, set()).add(edge.child)
        seen, waiting = {frame}, [frame]
        while waiting:
            new = children.get(waiting.pop(), set()) - seen
            seen |= new
            waiting.extend(new)
        return sorted(name for name in seen - {frame} if name not in children)

    def chain(self, fixed: str, body: str) -> list[Link] | None:
        """The shortest chain from one frame to another, over edges in either
        direction; None: there is none.
        """
        links: dict[str, list[tuple[str, Link]]] = {}
        for edge in self.edges:
            links.setdefault(edge.parent, []).append((edge.child, Link(edge, forward=True)))
            links.setdefault(edge.child, []).append((edge.parent, Link(edge, forward=False)))
        chains: dict[str, list[Link]] = {fixed: []}
        waiting = deque([fixed])
        while waiting:
            frame = waiting.popleft()
            if frame == body:
                return chains[frame]
            if frame != fixed and frame.rsplit("/", 1)[-1] in JUMPING_FRAMES:
                continue
            for other, link in links.get(frame, []):
                if other not in chains:
                    chains[other] = [*chains[frame], link]
                    waiting.append(other)
        return None


def read_tree(
    reader: AnyReader,
    topics: Sequence[bags.Topic],
    dropped: Counter[str],
    most: int | None = None,
) -> TransformTree:
    """The transforms of some topics; names lose the leading slash that early ROS 1 gave them.

    Args:
        reader: an open bag.
        topics: topics of TF_TYPES.
        dropped: counts the messages that cannot be read.
        most: of each topic at most this many messages are read; None reads all.
    """
    edges: dict[tuple[str, str], Edge] = {}
    for topic in topics:
        for receive_ns, message in islice(each_message(reader, topic, "tf", dropped), most):
            for item in message.transforms:
                parent, child = item.header.frame_id.lstrip("/"), item.child_frame_id.lstrip("/")
                edge = edges.setdefault(
                    (parent, child), Edge(parent, child, latched=is_static_topic(topic))
                )
                edge.latched &= is_static_topic(topic)
                t, q = item.transform.translation, item.transform.rotation
                edge.stamps.extend((bags.header_stamp_ns(item), receive_ns))
                edge.numbers.extend((t.x, t.y, t.z, q.x, q.y, q.z, q.w))
    return TransformTree(list(edges.values()))


def constant_pose(edge: Edge) -> tuple[Array, Array] | None:
    """Position (3,) and quaternion (4,) of a constant edge, as last sent; None for no pose."""
    values = np.array(edge.numbers[-7:], dtype=np.float64)
    length = float(np.linalg.norm(values[3:]))
    if not np.isfinite(values).all() or length < 1e-9:
        return None
    return values[:3], values[3:] / length
