"""Which topics could be used; where several could, inspect goes on with the most plausible one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from slowfeat.errors import SlowfeatError
from slowfeat_trainer import bags
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.ingest.read_camera import CAMERA_TYPES
from slowfeat_trainer.motion.choose import (
    KINDS,
    MOTION_TYPES,
    MotionSource,
    find_source,
    is_goal,
)
from slowfeat_trainer.motion.tf_tree import is_static_topic

if TYPE_CHECKING:
    from rosbags.highlevel import AnyReader


@dataclass(frozen=True)
class Choice:
    """The topic that is used, and why there is none."""

    topic: bags.Topic | None
    # Topics that would do, the used one among them.
    candidates: list[bags.Topic]
    # Whether ingest would ask for a flag that names one.
    ambiguous: bool = False
    # In a user's words.
    problem: str = ""


def choose_image(topics: list[bags.Topic], options: IngestOptions, path: Path) -> Choice:
    """The image topic that ingest would take, else the one of most messages.

    Raises:
        UsageError: the topic that the user named is not there, or no image topic.
    """
    usable = [topic for topic in topics if topic.type in CAMERA_TYPES and topic.count]
    try:
        topic = bags.choose_topic(
            topics, CAMERA_TYPES, options.image_topic, "image", "--image-topic", path
        )
    except SlowfeatError as error:
        if options.image_topic is not None:
            raise
        if not usable:
            return Choice(None, [], problem=str(error))
        return Choice(most_messages(usable)[0], usable, ambiguous=True)
    return Choice(topic, usable)


def choose_source(
    reader: AnyReader, topics: list[bags.Topic], options: IngestOptions, path: Path
) -> tuple[MotionSource | None, Choice]:
    """The source of motion that ingest would take, else the topic of most messages that will do.

    Raises:
        UsageError: the topic that the user named is not there, or has no motion.
    """
    usable = [t for t in topics if t.type in MOTION_TYPES and t.count and not is_static_topic(t)]
    try:
        source = find_source(reader, topics, options, path)
    except SlowfeatError as error:
        if options.odom_topic is not None:
            raise
        first = next((types for _, types, _ in KINDS if any(t.type in types for t in usable)), ())
        for topic in most_messages([t for t in usable if t.type in first and not is_goal(t.name)]):
            try:
                named = replace(options, odom_topic=topic.name)
                source = find_source(reader, topics, named, path)
            except SlowfeatError:
                continue
            return source, Choice(source.topic, usable, ambiguous=True)
        return None, Choice(None, usable, problem=str(error))
    return source, Choice(source.topic, usable)


def most_messages(topics: list[bags.Topic]) -> list[bags.Topic]:
    """Topics, those of most messages first; of equal ones in their order."""
    return sorted(topics, key=lambda topic: -topic.count)


def kind_of(topic: bags.Topic) -> str:
    """The kind of source that a topic of motion is: odometry, tf, pose, ..."""
    return next(kind for kind, types, _ in KINDS if topic.type in types)
