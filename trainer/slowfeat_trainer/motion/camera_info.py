"""What sensor_msgs/CameraInfo tells of a camera."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from slowfeat.errors import ImageError
from slowfeat.rectify import camera_from_info
from slowfeat_trainer import bags
from slowfeat_trainer.motion.poses import each_message

if TYPE_CHECKING:
    from rosbags.highlevel import AnyReader

# What image_proc calls pictures whose distortion it has taken out; their camera_info still tells of it.
RECTIFIED = re.compile(r"(^|[/_])rect")


def read_fov(reader: AnyReader, topics: Sequence[bags.Topic], image_topic: str) -> float | None:
    """Horizontal field of view in radians, from the camera_info that belongs to an image topic.

    It is that of the picture without its distortion. None where there is no camera_info, or where it holds no
    calibration.
    """
    message = _camera_info(reader, topics, image_topic)
    if message is None:
        return None
    # ROS 1 spells the matrix in capitals.
    focal = float(getattr(message, "K", getattr(message, "k", [0.0]))[0])
    if np.isfinite(focal) and focal > 0 and message.width:
        return float(2 * np.arctan2(message.width, 2 * focal))
    return None


def read_lens(
    reader: AnyReader, topics: Sequence[bags.Topic], image_topic: str
) -> list[float] | None:
    """The lens of an image topic's camera [fx, fy in half widths and half heights, bend], where it bends.

    None where there is no camera_info, where it tells of no distortion or of one that is not known, and for pictures
    that the distortion was taken out of: then the field of view is all there is to know.
    """
    message = None
    if not RECTIFIED.search(image_topic):
        message = _camera_info(reader, topics, image_topic)
    if message is None:
        return None
    try:
        camera = camera_from_info(
            SimpleNamespace(**{n.lower(): v for n, v in vars(message).items()})
        )
    except (ImageError, ValueError):
        return None
    if not camera.is_distorted:
        return None
    # Here, because it takes seconds to import what few cameras need.
    from slowfeat_trainer.geometry.lens_of_camera import lens_of

    return lens_of(camera)


def _camera_info(reader: AnyReader, topics: Sequence[bags.Topic], image_topic: str) -> Any | None:
    """The first camera_info of the topic whose name shares the most leading elements with the image topic's."""
    found = [t for t in topics if t.type == bags.CAMERA_INFO_TYPE and t.count]
    if not found:
        return None

    def shared(name: str) -> int:
        pairs = zip(name.split("/"), image_topic.split("/"), strict=False)
        return next((i for i, (a, b) in enumerate(pairs) if a != b), 0)

    info = max(found, key=lambda t: shared(t.name))
    unreadable: Counter[str] = Counter()
    for _, message in each_message(reader, info, "camera_info", unreadable):
        return message
    return None
