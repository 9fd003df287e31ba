"""A bag as the trainer sees it: small frames, each with the pose of the body at its stamp.

The whole bag is read in two passes: the small messages first (odometry, camera, extrinsic), then the
images, which are decoded, resized and kept as uint8, so memory grows by the small frames only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from slowfeat.errors import BagError, ImageError
from slowfeat.geometry import Array, body_pose, invert_pose, pose_matrix, quaternion_from_matrix
from slowfeat.images import decode_message, resize_for_encoder
from slowfeat.odometry import NS, Stamps, interpolate_poses, why_unusable
from slowfeat_trainer import bags
from slowfeat_trainer.clock_offset import (
    NOTICEABLE_S,
    UNKNOWN,
    ClockOffset,
    estimate_offset,
    turned_until,
)

if TYPE_CHECKING:
    from rosbags.highlevel import AnyReader

# Fewer frames with a pose than this teach nothing.
MIN_FRAMES = 16


@dataclass(frozen=True)
class ReadOptions:
    """How a bag is read."""

    # Image topic; None finds the only one.
    image_topic: str | None = None
    # Odometry topic; None finds the only one.
    odom_topic: str | None = None
    # Size (height, width) in pixels to which frames are stretched.
    image_size: tuple[int, int] = (64, 64)
    # Seconds added to the odometry's stamps, for clocks that disagree.
    odom_offset_s: float = 0.0
    # Find the offset from the images instead, where they tell one.
    odom_offset_auto: bool = False
    # Poses further apart than this are not interpolated, seconds.
    max_odom_gap_s: float = 0.5


@dataclass
class Camera:
    """What the bag says of its camera."""

    # Frame of the images' headers.
    frame: str = ""
    # Width and height of the images as recorded, pixels.
    size: tuple[int, int] = (0, 0)
    # Horizontal field of view in radians, from camera_info; None where there is none.
    horizontal_fov: float | None = None
    # Pose of the camera's frame in the body [x y z m, qx qy qz qw]; None where /tf_static does not say.
    extrinsic: list[float] | None = None


@dataclass
class Odometry:
    """Checked poses of the odometry topic, of the frame it names."""

    stamps: Stamps
    # (N, 3) m.
    positions: Array
    # (N, 4) [x y z w].
    quaternions: Array
    # Frame whose pose it is (child_frame_id).
    frame: str


@dataclass
class Recording:
    """The usable frames of one bag, in the order of their stamps."""

    path: Path
    # (N, H, W, 3) uint8 RGB.
    frames: npt.NDArray[np.uint8]
    # (N,) ns.
    stamps: Stamps
    # (N, 4, 4) pose of the body, REP-103 axes, in the odometry's world.
    poses: Array
    camera: Camera
    body_frame: str
    image_topic: str
    odom_topic: str
    # What the pictures say of the clocks, and the seconds that were added to the odometry's stamps.
    clock: ClockOffset = UNKNOWN
    odom_offset_s: float = 0.0
    # Messages that were not used, by reason.
    dropped: Counter[str] = field(default_factory=Counter)
    # What a user should know of how the bag was read.
    warnings: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.stamps)


def read_recording(
    path: Path, options: ReadOptions, progress: Callable[[int, int], None] | None = None
) -> Recording:
    """Read the frames and poses of a bag.

    Args:
        path: a bag of any kind that rosbags reads.
        options: topics, size and limits.
        progress: called with (frames done, frames in all).

    Raises:
        UsageError: the path does not exist, or a topic must be chosen.
        BagError: the bag is damaged, has no images or no odometry, or too little of it can be used.
    """
    with bags.open_bag(path) as reader:
        topics = bags.topics_of(reader)
        image = bags.choose_topic(
            topics, bags.IMAGE_TYPES, options.image_topic, "image", "--image-topic", path
        )
        odom = bags.choose_topic(
            topics, bags.ODOMETRY_TYPES, options.odom_topic, "odometry", "--odom-topic", path
        )
        dropped: Counter[str] = Counter()
        warnings: list[str] = []
        odometry = read_odometry(reader, odom, dropped)
        frames, stamps, camera = _read_frames(reader, image, options, dropped, warnings, progress)
        camera.horizontal_fov = _read_fov(reader, topics, image.name)
        camera.extrinsic = _read_extrinsic(reader, topics, odometry.frame, camera.frame)
    order = order_of(stamps)
    dropped["image stamp repeated"] += len(stamps) - len(order)
    clock = estimate_offset(
        frames[order],
        stamps[order],
        odometry.stamps,
        turned_until(odometry.positions, odometry.quaternions, odometry.frame),
    )
    offset_s = options.odom_offset_s
    if options.odom_offset_auto:
        offset_s = round(clock.seconds, 3) if clock.is_known else 0.0
    poses, valid = interpolate_poses(
        odometry.stamps + round(offset_s * NS),
        odometry.positions,
        odometry.quaternions,
        stamps[order],
        options.max_odom_gap_s,
    )
    dropped["image without odometry around it"] += int((~valid).sum())
    if valid.sum() < MIN_FRAMES:
        reasons = ", ".join(f"{count} {reason}" for reason, count in dropped.items() if count)
        raise BagError(
            f"{path}: only {int(valid.sum())} of {image.count} frames of {image.name} can be used "
            f"({reasons or 'the bag is too short'}); slowfeat inspect shows how images and odometry line up"
        )
    if clock.is_known and abs(clock.seconds - offset_s) >= NOTICEABLE_S:
        warnings.append(
            f"the pictures turn {clock.seconds:+.2f} s after the odometry says so (correlation "
            f"{clock.correlation:.2f}), corrected were {offset_s:+.2f} s; --odom-offset auto corrects it"
        )
    if options.odom_offset_auto and not clock.is_known:
        warnings.append("too few turns to tell whether the clocks disagree; no offset was applied")
    if camera.extrinsic is None:
        warnings.append(
            f"no extrinsic {odometry.frame} -> {camera.frame} in /tf_static; taken as unknown"
        )
    return Recording(
        path=path,
        frames=frames[order[valid]],
        stamps=stamps[order[valid]],
        poses=body_pose(poses[valid], odometry.frame),
        camera=camera,
        body_frame=odometry.frame,
        image_topic=image.name,
        odom_topic=odom.name,
        clock=clock,
        odom_offset_s=offset_s,
        dropped=+dropped,
        warnings=warnings,
    )


def order_of(stamps: Stamps) -> npt.NDArray[np.int64]:
    """Indices that sort stamps (N,); of equal ones only the first."""
    order = np.argsort(stamps, kind="stable")
    keep = np.ones(len(order), dtype=bool)
    keep[1:] = np.diff(stamps[order]) > 0
    return np.asarray(order[keep], dtype=np.int64)


def read_odometry(reader: AnyReader, topic: bags.Topic, dropped: Counter[str]) -> Odometry:
    """The usable poses of an odometry topic, in the order of their stamps; the rest is counted."""
    stamps, positions, quaternions = [], [], []
    frame = ""
    for _, message in bags.messages(reader, topic.name, topic.type):
        stamp = bags.header_stamp_ns(message)
        p, q = message.pose.pose.position, message.pose.pose.orientation
        position, quaternion = (p.x, p.y, p.z), (q.x, q.y, q.z, q.w)
        reason = why_unusable(stamp, position, quaternion)
        if reason is not None:
            dropped[f"odometry: {reason}"] += 1
            continue
        frame = frame or message.child_frame_id
        stamps.append(stamp)
        positions.append(position)
        quaternions.append(quaternion)
    all_stamps = np.array(stamps, dtype=np.int64)
    order = order_of(all_stamps)
    dropped["odometry: stamp repeated"] += len(all_stamps) - len(order)
    return Odometry(
        all_stamps[order],
        np.array(positions, dtype=np.float64).reshape(-1, 3)[order],
        np.array(quaternions, dtype=np.float64).reshape(-1, 4)[order],
        frame or "base_link",
    )


def _read_frames(
    reader: AnyReader,
    topic: bags.Topic,
    options: ReadOptions,
    dropped: Counter[str],
    warnings: list[str],
    progress: Callable[[int, int], None] | None,
) -> tuple[npt.NDArray[np.uint8], Stamps, Camera]:
    """Resized frames (N, H, W, 3), their stamps (N,) and the camera."""
    frames, stamps = [], []
    camera = Camera()
    received = 0
    for done, (receive_ns, message) in enumerate(
        bags.messages(reader, topic.name, topic.type), start=1
    ):
        if progress is not None:
            progress(done, topic.count)
        try:
            picture = decode_message(message)
        except ImageError:
            dropped["image cannot be decoded"] += 1
            continue
        stamp = bags.header_stamp_ns(message)
        if stamp <= 0:
            stamp = receive_ns
            received += 1
        camera.frame = camera.frame or message.header.frame_id
        camera.size = (picture.shape[1], picture.shape[0])
        frames.append(resize_for_encoder(picture, options.image_size))
        stamps.append(stamp)
    if received:
        warnings.append(
            f"{received} images have no stamp; the time of their receipt was taken instead"
        )
    stacked = np.stack(frames) if frames else np.zeros((0, *options.image_size, 3), dtype=np.uint8)
    return stacked, np.array(stamps, dtype=np.int64), camera


def _read_fov(reader: AnyReader, topics: list[bags.Topic], image_topic: str) -> float | None:
    """Horizontal field of view in radians from the camera_info that belongs to the image topic."""
    found = [t for t in topics if t.type == bags.CAMERA_INFO_TYPE and t.count]
    if not found:
        return None

    def shared(name: str) -> int:
        """Leading path elements in common with the image topic."""
        pairs = zip(name.split("/"), image_topic.split("/"), strict=False)
        return next((i for i, (a, b) in enumerate(pairs) if a != b), 0)

    info = max(found, key=lambda t: shared(t.name))
    _, message = next(bags.messages(reader, info.name, info.type))
    focal = float(getattr(message, "K", getattr(message, "k", [0.0]))[0])
    return float(2 * np.arctan2(message.width, 2 * focal)) if focal > 0 and message.width else None


def _read_extrinsic(
    reader: AnyReader, topics: list[bags.Topic], body: str, camera: str
) -> list[float] | None:
    """Pose of the camera in the body from /tf_static, walking the tree; None where it does not say."""
    parents: dict[str, tuple[str, Array]] = {}
    for topic in topics:
        if topic.type != bags.TF_STATIC_TYPE or not topic.name.endswith("tf_static"):
            continue
        for _, message in bags.messages(reader, topic.name, topic.type):
            for item in message.transforms:
                parents[item.child_frame_id] = (
                    item.header.frame_id,
                    _transform_matrix(item.transform),
                )
    T_body, T_camera = _chain(parents, body), _chain(parents, camera)
    for root in T_camera:
        if root in T_body:
            # The body's axes are those of REP-103 even where the odometry's frame is optical.
            T = invert_pose(body_pose(T_body[root], body)) @ T_camera[root]
            return [*T[:3, 3].tolist(), *quaternion_from_matrix(T[:3, :3]).tolist()]
    return None


def _transform_matrix(transform: Any) -> Array:
    t, q = transform.translation, transform.rotation
    return pose_matrix((t.x, t.y, t.z), (q.x, q.y, q.z, q.w))


def _chain(parents: dict[str, tuple[str, Array]], frame: str) -> dict[str, Array]:
    """Pose of `frame` in itself and in each of its ancestors."""
    poses = {frame: np.eye(4)}
    T = np.eye(4)
    while frame in parents:
        frame, T_parent_frame = parents[frame]
        if frame in poses:
            break  # a loop is no tree
        T = T_parent_frame @ T
        poses[frame] = T
    return poses
