"""The calibration of a bag's camera: which camera_info is its own, and what it says."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from slowfeat.camera_info import CameraModel, by_likelihood, camera_from_info, info_topics
from slowfeat.errors import ImageError, MessageError
from slowfeat_trainer import bags

if TYPE_CHECKING:
    from rosbags.highlevel import AnyReader

# Bytes of a serialised message before its frame: its header's stamp comes first, in ROS 1 and in
# ROS 2.
BEFORE_FRAME = 12
# Focal lengths that differ by less than this share are one calibration.
SAME_FOCAL = 0.01


@dataclass
class Calibration:
    """What camera_info says of an image topic's camera."""

    # Horizontal field of view of the undistorted image in rad; None where nothing says it.
    horizontal_fov: float | None = None
    # [fx, fy in half widths and half heights, xi of the unified model], where the lens bends
    # straight lines.
    lens: list[float] | None = None
    # The topic that says it.
    topic: str = ""
    # What cannot be used or may be wrong, in sentences.
    doubts: list[str] = field(default_factory=list)


def read_calibration(
    reader: AnyReader,
    topics: Sequence[bags.Topic],
    image_topic: str,
    frame: str = "",
    size: tuple[int, int] | None = None,
) -> Calibration:
    """The calibration of the camera of an image topic.

    Its camera_info is the topic directly below the images' or beside them; else, of the others, the
    one of the same frame and size whose name is most like the images'. Messages without a
    calibration are skipped.

    Args:
        reader: an open bag.
        topics: all topics of the bag.
        image_topic: its name.
        frame: of the images; "" where it is not known.
        size: width and height of the images in pixels; None where they are not known.
    """
    infos = {t.name: t for t in topics if t.type == bags.CAMERA_INFO_TYPE and t.count}
    own = info_topics(image_topic)
    found = Calibration()
    reasons: list[str] = []
    for name in by_likelihood(image_topic, list(infos)):
        # A camera beside this one has a frame of its own.
        other_frame = frame if name not in own else ""
        if _read_topic(found, reader, infos[name], image_topic, other_frame, size, reasons):
            break
    if not found.topic:
        found.doubts += reasons[:1]
    return found


def _read_topic(
    found: Calibration,
    reader: AnyReader,
    info: bags.Topic,
    image_topic: str,
    frame: str,
    size: tuple[int, int] | None,
    reasons: list[str],
) -> bool:
    """Fill in what one camera_info topic says; false where it is another camera's, or of no use."""
    first: CameraModel | None = None
    for message in _different_messages(reader, info):
        if frame and message.header.frame_id.strip("/") != frame.strip("/"):
            return False
        try:
            camera = camera_from_info(message, image_topic, size)
        except ImageError as error:
            plain = _without_distortion(message, image_topic, size)
            if plain is None:
                reasons.append(f"{info.name}: {error}")
                continue
            camera = plain
            if first is None:
                found.doubts.append(
                    f"{info.name}: {error}; the lens is left as a pinhole, whose field of view is "
                    "not to be trusted"
                )
        if first is None:
            first = camera
        elif _differ(first, camera):
            found.doubts.append(
                f"{info.name} changes within the bag (focal length {first.matrix[0, 0]:.1f} and "
                f"{camera.matrix[0, 0]:.1f} pixels); the first is taken for all: cut the "
                "recording there"
            )
            break
    if first is None:
        return False
    found.topic, found.horizontal_fov = info.name, first.horizontal_fov
    if first.is_distorted:
        # Here, because it takes seconds to import what few cameras need.
        from slowfeat_trainer.geometry.lens_of_camera import lens_of

        found.lens = lens_of(first)
        if found.lens is None:
            found.doubts.append(
                f"{info.name}: its distortion makes no sense over most of the image; calibrate "
                "the camera again"
            )
    return True


def _different_messages(reader: AnyReader, info: bags.Topic) -> Iterator[Any]:
    """Messages of a camera_info topic that differ from the one before by more than their stamp."""
    last = b""
    for connection, _, raw in bags.raw_messages(reader, info.name, info.type):
        content = bytes(raw[BEFORE_FRAME:])
        if content == last:
            continue
        last = content
        try:
            yield bags.read_message(reader, raw, connection.msgtype)
        except MessageError:
            continue


def _without_distortion(
    message: Any, image_topic: str, size: tuple[int, int] | None
) -> CameraModel | None:
    """The pinhole of a camera_info whose distortion cannot be used; None where it holds no
    calibration either.
    """
    plain = _Plain(message)
    try:
        return camera_from_info(plain, image_topic, size)
    except ImageError:
        return None


class _Plain:
    """A camera_info without its distortion."""

    def __init__(self, message: Any) -> None:
        self._message = message
        self.distortion_model, self.d = "plumb_bob", [0.0] * 5

    def __getattr__(self, name: str) -> Any:
        return getattr(self._message, name)


def _differ(a: CameraModel, b: CameraModel) -> bool:
    focal_a, focal_b = float(a.matrix[0, 0]) / a.width, float(b.matrix[0, 0]) / b.width
    return (
        not math.isclose(focal_a, focal_b, rel_tol=SAME_FOCAL)
        or a.model != b.model
        or not np.allclose(a.distortion, b.distortion, atol=1e-3)
    )
