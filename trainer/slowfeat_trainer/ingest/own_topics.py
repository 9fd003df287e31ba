"""The topics of the robot whose images are read: no depth, and nothing of another robot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from slowfeat_trainer import bags
from slowfeat_trainer.bags.own_robot import without_other_robots
from slowfeat_trainer.bags.picture_topics import without_depth
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.motion.choose import MOTION_TYPES
from slowfeat_trainer.motion.tf_tree import TF_TYPES

if TYPE_CHECKING:
    from rosbags.highlevel import AnyReader

OF_A_ROBOT = (*MOTION_TYPES, *TF_TYPES, bags.CAMERA_INFO_TYPE)


def with_pictures(
    reader: AnyReader, topics: Sequence[bags.Topic], options: IngestOptions
) -> list[bags.Topic]:
    """Topics without those of depth images, unless the user names the image topic."""
    return list(topics) if options.image_topic is not None else without_depth(reader, topics)


def of_own_robot(
    topics: Sequence[bags.Topic], image_topic: str, options: IngestOptions
) -> list[bags.Topic]:
    """Topics without motion, transforms and camera_info of other
    robots; what the user names stays.
    """
    own = without_other_robots(topics, image_topic, OF_A_ROBOT)
    wanted = (options.odom_topic or "").strip("/")
    return [topic for topic in topics if topic in own or topic.name.strip("/") == wanted]
