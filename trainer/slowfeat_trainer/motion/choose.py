"""Which topic of a bag has the motion, and reading it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from slowfeat.errors import BagError, UsageError
from slowfeat_trainer import bags
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.motion.ackermann import read_ackermann
from slowfeat_trainer.motion.odometry_topic import read_odometry
from slowfeat_trainer.motion.pose import read_pose
from slowfeat_trainer.motion.tf import find_chain, read_tf
from slowfeat_trainer.motion.tf_tree import TF_TYPES, TransformTree, is_static_topic, read_tree
from slowfeat_trainer.motion.track import Track
from slowfeat_trainer.motion.transform import read_transform
from slowfeat_trainer.motion.twist import read_twist

if TYPE_CHECKING:
    from rosbags.highlevel import AnyReader

TF = "tf"
FLAG = "--odom-topic"

_Read = Callable[
    ["AnyReader", bags.Topic, IngestOptions, Counter[str], list[str]],
    Track,
]
# Message types with motion, the most trusted first: (kind of source, types, reader).
# Transforms have no reader here, as they come from several topics.
KINDS: tuple[tuple[str, tuple[str, ...], _Read | None], ...] = (
    ("odometry", ("nav_msgs/msg/Odometry",), read_odometry),
    (TF, TF_TYPES, None),
    ("pose", ("geometry_msgs/msg/PoseStamped",), read_pose),
    ("pose with covariance", ("geometry_msgs/msg/PoseWithCovarianceStamped",), read_pose),
    ("transform", ("geometry_msgs/msg/TransformStamped",), read_transform),
    (
        "stamped twist",
        ("geometry_msgs/msg/TwistWithCovarianceStamped", "geometry_msgs/msg/TwistStamped"),
        read_twist,
    ),
    ("twist", ("geometry_msgs/msg/Twist",), read_twist),
    (
        "ackermann",
        ("ackermann_msgs/msg/AckermannDriveStamped", "ackermann_msgs/msg/AckermannDrive"),
        read_ackermann,
    ),
)
# Of these kinds a topic may also hold goals.
POSE_KINDS = ("pose", "pose with covariance", "transform")
# These kinds are commands, not measurements (twists with covariance aside).
COMMANDED_KINDS = ("stamped twist", "twist", "ackermann")
_GOAL = re.compile(
    r"(^|[/_])(goal|target|initialpose|initial_pose|setpoint|waypoint|desired|clicked)", re.I
)
MOTION_TYPES: tuple[str, ...] = tuple(kind for _, types, _ in KINDS for kind in types)


@dataclass(frozen=True)
class MotionSource:
    """The topic of the motion."""

    topic: bags.Topic
    # One of the kinds in KINDS.
    kind: str
    path: Path
    # Of tf: the transforms, already read to see whether they lead to the body.
    tree: TransformTree | None = field(default=None, compare=False, repr=False)
    # Of tf: messages that could not be read.
    dropped: Counter[str] = field(default_factory=Counter, compare=False, repr=False)


def find_source(
    reader: AnyReader, topics: Sequence[bags.Topic], options: IngestOptions, path: Path
) -> MotionSource:
    """The topic of the motion: the one that the user names, else of the first kind there
    is.

    Args:
        reader: the open bag; its transforms are read where it has no odometry.
        topics: all topics of the bag.
        options: odom_topic, fixed_frame, body_frame.
        path: the bag's path, for messages.

    Raises:
        UsageError: several topics of one kind would do and none was named, the named one is not
            there or of another type, or /tf was named and does not lead to the body.
        BagError: the bag has none.
    """
    # Static transforms alone hold no motion.
    usable = [topic for topic in topics if not is_static_topic(topic)]
    if options.odom_topic is not None:
        topic = bags.choose_topic(usable, MOTION_TYPES, options.odom_topic, "motion", FLAG, path)
        source = MotionSource(topic, _kind_of(topic), path)
        if source.kind == TF:
            source = _with_tree(reader, source, topics)
            assert source.tree is not None  # noqa: S101 - for the type checker
            find_chain(source.tree, options, f"{topic.name} in {path}")
        return source
    reason = ""
    goals: list[str] = []
    for kind, types, _ in KINDS:
        if kind in POSE_KINDS and all(
            is_goal(t.name) for t in usable if t.type in types and t.count
        ):
            goals += [t.name for t in usable if t.type in types and t.count]
            continue
        if kind in POSE_KINDS:
            usable = [t for t in usable if t.type not in types or not is_goal(t.name)]
        if not any(topic.type in types and topic.count for topic in usable):
            continue
        topic = bags.choose_topic(usable, types, None, kind, FLAG, path)
        source = MotionSource(topic, kind, path)
        if kind == TF:
            source = _with_tree(reader, source, topics)
            try:
                assert source.tree is not None  # noqa: S101 - for the type checker
                find_chain(source.tree, options, topic.name)
            except UsageError as error:
                reason = str(error)
                continue
        return source
    if reason:
        raise BagError(f"{path} has no motion: {reason}")
    if goals:
        raise BagError(
            f"{path} has no motion: {', '.join(goals)} is where the robot shall go, not where it "
            "is; record odometry or /tf"
        )
    # Says what the bag has and which types would do.
    bags.choose_topic(usable, MOTION_TYPES, None, "motion", FLAG, path)
    raise BagError(f"{path} has no motion; see {FLAG}")


def read_track(
    reader: AnyReader,
    source: MotionSource,
    options: IngestOptions,
    dropped: Counter[str],
    warnings: list[str],
) -> Track:
    """The track of a source.

    Args:
        reader: the open bag.
        source: from `find_source`.
        options: frames, wheelbase, limits.
        dropped: counts the messages left out as "kind: reason".
        warnings: gains what a user should know.

    Raises:
        UsageError: the source needs a flag that is missing.
    """
    if source.tree is not None:
        dropped.update(source.dropped)
        return read_tf(source.tree, source.topic, options, source.path, dropped, warnings)
    read = next(read for kind, _, read in KINDS if kind == source.kind and read is not None)
    return read(reader, source.topic, options, dropped, warnings)


def is_goal(name: str) -> bool:
    """Whether a topic of poses says where a robot shall be rather than where it is."""
    return bool(_GOAL.search(name))


def _kind_of(topic: bags.Topic) -> str:
    return next(kind for kind, types, _ in KINDS if topic.type in types)


def _with_tree(
    reader: AnyReader, source: MotionSource, topics: Sequence[bags.Topic]
) -> MotionSource:
    """The source with the transforms of its topic and of all static ones."""
    statics = [topic for topic in topics if is_static_topic(topic)]
    dropped: Counter[str] = Counter()
    tree = read_tree(reader, [*statics, source.topic], dropped)
    return MotionSource(source.topic, source.kind, source.path, tree, dropped)
