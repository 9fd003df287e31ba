"""What sensor_msgs/CameraInfo tells of a camera."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from slowfeat_trainer import bags
from slowfeat_trainer.motion.poses import each_message

if TYPE_CHECKING:
    from rosbags.highlevel import AnyReader


def read_fov(reader: AnyReader, topics: Sequence[bags.Topic], image_topic: str) -> float | None:
    """Horizontal field of view in radians, from the camera_info that belongs to an image topic.

    That is the one whose name shares the most leading elements with the image topic's. None where
    there is none, or where it holds no calibration.
    """
    found = [t for t in topics if t.type == bags.CAMERA_INFO_TYPE and t.count]
    if not found:
        return None

    def shared(name: str) -> int:
        pairs = zip(name.split("/"), image_topic.split("/"), strict=False)
        return next((i for i, (a, b) in enumerate(pairs) if a != b), 0)

    info = max(found, key=lambda t: shared(t.name))
    unreadable: Counter[str] = Counter()
    for _, message in each_message(reader, info, "camera_info", unreadable):
        # ROS 1 spells the matrix in capitals.
        focal = float(getattr(message, "K", getattr(message, "k", [0.0]))[0])
        if np.isfinite(focal) and focal > 0 and message.width:
            return float(2 * np.arctan2(message.width, 2 * focal))
        return None
    return None
