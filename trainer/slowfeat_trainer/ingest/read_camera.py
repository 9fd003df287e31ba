"""What a bag says of its camera, without its frames: for a bundle that is made
from a description of a robot.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from slowfeat.errors import BagError, UsageError
from slowfeat.mount import Claim
from slowfeat.scaled_decoding import SCALED
from slowfeat_trainer import bags
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.data.recording import Camera
from slowfeat_trainer.data.shrink import Shrink
from slowfeat_trainer.ingest.chunks import Picture
from slowfeat_trainer.ingest.engines import open_engine
from slowfeat_trainer.ingest.own_topics import of_own_robot, with_pictures
from slowfeat_trainer.ingest.read_images import read_images
from slowfeat_trainer.motion.camera_info import read_calibration
from slowfeat_trainer.motion.camera_mount import claim_of, claimed_extrinsic
from slowfeat_trainer.motion.choose import find_source, read_track
from slowfeat_trainer.motion.extrinsic import read_extrinsic

if TYPE_CHECKING:
    from rosbags.highlevel import AnyReader

CAMERA_TYPES = (*bags.IMAGE_TYPES, *bags.VIDEO_TYPES)
# Messages until one shows an image: some are broken, and a video begins with its first key frame.
FIRST_IMAGES, FIRST_OF_VIDEO = 8, 64
USUAL_BODY = "base_link"


@dataclass
class Mounted:
    """A camera, and the body that it is mounted on."""

    camera: Camera
    body_frame: str
    # What a user should know of how it was read.
    warnings: list[str] = field(default_factory=list)


class ClaimedCamera(NamedTuple):
    """A camera as a bag describes it, before its images were asked."""

    camera: Camera
    # How it is mounted, and the pose of its frame in the body [x y z m, qx qy qz qw]; None where
    # nothing says it.
    claim: Claim
    pose: list[float] | None


def read_camera(path: Path, options: IngestOptions) -> Mounted:
    """The camera of a bag; of its images only the first few are looked at, and odometry only for
    the body's name.

    Raises:
        UsageError: the path does not exist, or a topic must be chosen.
        BagError: the bag is damaged, or has no images.
    """
    warnings: list[str] = []
    with bags.open_bag(path) as reader:
        topics = with_pictures(reader, bags.topics_of(reader), options)
        image = bags.choose_topic(
            topics, CAMERA_TYPES, options.image_topic, "image", "--image-topic", path
        )
        topics = of_own_robot(topics, image.name, options)
        body = _body(reader, topics, options, path)
        picture = _first_picture(reader, image)
        camera = camera_of(reader, topics, image, picture, body, options, warnings).camera
        warnings += reader.damage
    return Mounted(camera, body, warnings)


def camera_of(
    reader: AnyReader,
    topics: Sequence[bags.Topic],
    image: bags.Topic,
    picture: Picture,
    body: str,
    options: IngestOptions,
    warnings: list[str],
) -> ClaimedCamera:
    """What camera_info and the static transforms say of the camera of an image topic.

    Args:
        reader: an open bag.
        topics: all topics of the bag.
        image: the image topic.
        picture: one of it.
        body: the frame whose motion is told.
        options: extrinsic.
        warnings: gains what a user should know.
    """
    pose = read_extrinsic(reader, topics, body, picture.frame, options, warnings)
    claim = claim_of(picture.frame, pose, options.extrinsic is not None)
    calibration = read_calibration(reader, topics, image.name, picture.frame, picture.size)
    warnings += calibration.doubts
    camera = Camera(
        picture.frame,
        picture.size,
        picture.encoding,
        calibration.horizontal_fov,
        claimed_extrinsic(claim, pose),
        calibration.lens,
        picture.bits,
    )
    return ClaimedCamera(camera, claim, pose)


def _first_picture(reader: AnyReader, image: bags.Topic) -> Picture:
    most = FIRST_OF_VIDEO if image.type in bags.VIDEO_TYPES else FIRST_IMAGES
    with tempfile.TemporaryDirectory() as folder, open_engine(workers=1) as engine:
        target = Path(folder) / "all.npy"
        shrink = Shrink((8, 8), decoding=SCALED)
        rows = read_images(reader, image, shrink, engine, target, most=most)
    if not rows.picture.size[0]:
        raise BagError(
            f"none of the first {rows.messages} messages of {image.name} shows an image "
            f"({rows.example})"
        )
    return rows.picture


def _body(
    reader: AnyReader, topics: Sequence[bags.Topic], options: IngestOptions, path: Path
) -> str:
    """The frame whose motion is in the bag; the usual one where it names none."""
    if options.body_frame is not None:
        return options.body_frame
    try:
        source = find_source(reader, topics, options, path)
        return read_track(reader, source, options, Counter(), []).frame
    except (BagError, UsageError):
        # A camera can be known where the motion is not; what was asked for by name must be there.
        if options.odom_topic is not None:
            raise
        return USUAL_BODY
