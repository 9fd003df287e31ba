"""What is in a bag, and whether it can be learned from."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from slowfeat.errors import SlowfeatError
from slowfeat.geometry import Array, body_pose, describe_motion, relative_motion
from slowfeat.images import decode_message, resize_for_encoder
from slowfeat.odometry import NS, Stamps, interpolate_poses
from slowfeat_trainer import bags
from slowfeat_trainer.clock_offset import (
    MAX_STEPS,
    NOTICEABLE_S,
    UNKNOWN,
    ClockOffset,
    estimate_offset,
    turned_until,
)
from slowfeat_trainer.ingest.options import IngestOptions
from slowfeat_trainer.motion.choose import find_source, read_track
from slowfeat_trainer.motion_patterns import MotionPatterns, discover_patterns
from slowfeat_trainer.pairs import following

if TYPE_CHECKING:
    from rosbags.highlevel import AnyReader

GAP_S = 0.5
# Below these a drive teaches little: share of pairs that turn, degrees of a turn, seconds, metres.
TURNING_SHARE, TURN_DEG = 0.10, 5.0
MIN_SECONDS = 30.0


@dataclass
class TopicReport:
    """Stamps of one topic."""

    topic: bags.Topic
    # Median rate of the header stamps (receive stamps where there are no headers), Hz.
    rate: float | None
    # Longest time between two messages, seconds.
    longest_gap_s: float | None


@dataclass
class Inspection:
    """What `slowfeat inspect` tells of a bag."""

    path: Path
    seconds: float
    topics: list[TopicReport]
    image: str | None = None
    odom: str | None = None
    # Problems in the user's words: what keeps the bag from being used.
    problems: list[str] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)
    frames: int = 0
    # Images with odometry on both sides, close enough to interpolate.
    frames_with_pose: int = 0
    # Median and longest distance from an image's stamp to the nearest odometry message, seconds.
    nearest_odom_s: tuple[float, float] = (0.0, 0.0)
    clock: ClockOffset = UNKNOWN
    odom_offset_s: float = 0.0
    image_frame: str = ""
    body_frame: str = ""
    image_size: tuple[int, int] = (0, 0)
    encoding: str = ""
    last_image_error: str = "it has no messages"
    distance_m: float = 0.0
    turned_deg: float = 0.0
    # (P, 6) motions of frames 0.5 s apart.
    motions: Array = field(default_factory=lambda: np.zeros((0, 6)))
    patterns: MotionPatterns | None = None


def inspect_bag(path: Path, options: IngestOptions) -> Inspection:
    """Look at a bag; of its images at most the first few minutes are decoded.

    Raises:
        UsageError: the path does not exist.
        BagError: it cannot be read at all.
    """
    with bags.open_bag(path) as reader:
        topics = bags.topics_of(reader)
        stamps = {t.name: _stamps(reader, t) for t in topics}
        report = Inspection(
            path, max(reader.duration, 0) / NS, [_topic_report(t, stamps[t.name]) for t in topics]
        )
        image = _choose(report, topics, bags.IMAGE_TYPES, options.image_topic, "image")
        source = None
        try:
            source = find_source(reader, topics, options, path)
        except SlowfeatError as error:
            if options.odom_topic is not None:
                raise
            report.problems.append(str(error))
        frames = np.zeros((0, 1, 1, 3), dtype=np.uint8)
        frame_stamps = np.zeros(0, dtype=np.int64)
        if image is not None:
            report.image, report.frames = image.name, image.count
            frames, frame_stamps = _look_at_images(report, reader, image)
        if source is not None:
            report.odom = source.topic.name
            odometry = read_track(reader, source, options, report.dropped, [])
            report.body_frame = odometry.frame
            steps = np.diff(odometry.positions, axis=0)
            report.distance_m = float(np.linalg.norm(steps, axis=1).sum())
            if image is not None and len(odometry.stamps) > 1:
                turned = turned_until(odometry.positions, odometry.quaternions, odometry.frame)
                report.clock = estimate_offset(frames, frame_stamps, odometry.stamps, turned)
                report.odom_offset_s = options.odom_offset_s
                if options.odom_offset_auto and report.clock.is_known:
                    report.odom_offset_s = report.clock.seconds
                shifted = odometry.stamps + round(report.odom_offset_s * NS)
                at = np.unique(stamps[image.name])
                poses, valid = interpolate_poses(
                    shifted, odometry.positions, odometry.quaternions, at, options.max_odom_gap_s
                )
                report.frames_with_pose = int(valid.sum())
                report.nearest_odom_s = _nearest(shifted, at)
                _look_at_motion(report, at[valid], body_pose(poses[valid], odometry.frame))
    return report


def _choose(
    report: Inspection,
    topics: list[bags.Topic],
    types: tuple[str, ...],
    wanted: str | None,
    kind: str,
) -> bags.Topic | None:
    """The topic that would be used; why there is none becomes a problem of the report."""
    what = "image" if kind == "image" else "odometry"
    try:
        return bags.choose_topic(topics, types, wanted, what, f"--{kind}-topic", report.path)
    except SlowfeatError as error:
        if wanted is not None:
            raise
        report.problems.append(str(error))
        return None


def _stamps(reader: AnyReader, topic: bags.Topic) -> Stamps:
    """Header stamps in ns where the type has a header, else receive stamps, in the order of the bag."""
    found = []
    with_header = topic.type in (*bags.IMAGE_TYPES, "nav_msgs/msg/Odometry", bags.CAMERA_INFO_TYPE)
    for connection, receive_ns, raw in bags.raw_messages(reader, topic.name, topic.type):
        stamp = 0
        if with_header:
            # A header comes first in the message: two little-endian words behind the CDR's own four
            # bytes (ROS 1: behind the sequence number). Deserialising whole images would be slow.
            stamp = bags.header_stamp_of_cdr(raw) if reader.is2 else 0
            if not reader.is2:
                stamp = bags.header_stamp_ns(reader.deserialize(raw, connection.msgtype))
        found.append(stamp if stamp > 0 else receive_ns)
    return np.array(found, dtype=np.int64)


def _topic_report(topic: bags.Topic, stamps: Stamps) -> TopicReport:
    steps_s = np.diff(np.sort(stamps)).astype(np.float64) / NS
    if not len(steps_s) or not np.median(steps_s) > 0:
        return TopicReport(topic, None, None)
    return TopicReport(topic, float(1 / np.median(steps_s)), float(steps_s.max()))


def _look_at_images(
    report: Inspection, reader: AnyReader, topic: bags.Topic
) -> tuple[npt.NDArray[np.uint8], Stamps]:
    """The first frames, small, and their stamps; notes size, encoding, and what cannot be decoded."""
    frames: list[npt.NDArray[np.uint8]] = []
    stamps: list[int] = []
    for receive_ns, message in bags.messages(reader, topic.name, topic.type):
        if len(frames) > MAX_STEPS:
            break
        try:
            picture = decode_message(message)
        except SlowfeatError as error:
            report.dropped[f"image of {topic.name} cannot be decoded"] += 1
            report.last_image_error = str(error)
            continue
        if not frames:
            report.image_frame = message.header.frame_id
            report.encoding = getattr(message, "format", "") or getattr(message, "encoding", "")
            report.image_size = (picture.shape[1], picture.shape[0])
        frames.append(resize_for_encoder(picture, (64, 64)))
        stamps.append(bags.header_stamp_ns(message) or receive_ns)
    if not frames:
        report.problems.append(
            f"no image of {topic.name} can be decoded: {report.last_image_error}"
        )
        return np.zeros((0, 64, 64, 3), dtype=np.uint8), np.zeros(0, dtype=np.int64)
    order = np.argsort(np.array(stamps), kind="stable")
    return np.stack(frames)[order], np.array(stamps)[order]


def _nearest(odometry: Stamps, images: Stamps) -> tuple[float, float]:
    after = np.clip(np.searchsorted(odometry, images), 1, len(odometry) - 1)
    off = np.minimum(np.abs(odometry[after] - images), np.abs(images - odometry[after - 1])) / NS
    return float(np.median(off)), float(off.max())


def _look_at_motion(report: Inspection, stamps: Stamps, poses: Array) -> None:
    """Motions between frames 0.5 s apart and the patterns they give."""
    after = following(stamps, GAP_S)
    before = np.flatnonzero(after >= 0)
    report.motions = relative_motion(poses[before], poses[after[before]])
    if len(stamps) > 1:
        steps = relative_motion(poses[:-1], poses[1:])
        report.turned_deg = float(np.rad2deg(np.linalg.norm(steps[:, 3:], axis=1)).sum())
    if len(report.motions) >= 10:
        try:
            report.patterns = discover_patterns(report.motions)
        except SlowfeatError as error:
            report.problems.append(str(error))


def verdict(report: Inspection) -> list[str]:
    """In words: good for training, or what is missing."""
    if report.problems:
        return report.problems
    if not report.frames_with_pose:
        return [f"no image of {report.image} has odometry around it: their stamps do not overlap"]
    said = []
    if report.frames_with_pose < 0.9 * report.frames:
        share = 100 * report.frames_with_pose / report.frames
        said.append(f"only {share:.0f} % of the images have odometry around them")
    turning = _turning_share(report)
    if turning < TURNING_SHARE:
        said.append(
            f"too few turns: only {100 * turning:.0f} % of pairs rotate more than {TURN_DEG:.0f} deg"
        )
    if report.seconds < MIN_SECONDS:
        said.append(f"short: {report.seconds:.0f} s; a minute or more teaches more")
    return said or ["good for training"]


def _turning_share(report: Inspection) -> float:
    turn = np.rad2deg(np.linalg.norm(report.motions[:, 3:], axis=1))
    return float(np.mean(turn > TURN_DEG)) if len(turn) else 0.0


def describe(report: Inspection) -> str:
    """The whole report as text."""
    lines = [f"{report.path}: {report.seconds:.1f} s"]
    for item in report.topics:
        rate = "" if item.rate is None else f"{item.rate:8.1f} Hz"
        gap = "" if item.longest_gap_s is None else f"   longest gap {item.longest_gap_s:.3f} s"
        lines.append(
            f"  {item.topic.name:34s}{item.topic.type:34s}{item.topic.count:8d}{rate}{gap}"
        )
    if report.image:
        width, height = report.image_size
        lines.append(
            f"images:   {report.image} {width}x{height} {report.encoding}, frame {report.image_frame!r}"
        )
    if report.odom:
        lines.append(
            f"odometry: {report.odom} of frame {report.body_frame!r}, "
            f"{report.distance_m:.1f} m and {report.turned_deg:.0f} deg in all"
        )
    if report.image and report.odom:
        median, longest = report.nearest_odom_s
        lines.append(
            f"lined up: {report.frames_with_pose} of {report.frames} images have odometry on both sides; "
            f"nearest message {1000 * median:.1f} ms off (median), {1000 * longest:.0f} ms at most"
        )
        lines.append(f"clocks:   {describe_clocks(report)}")
    lines += [f"dropped:  {count} {reason}" for reason, count in report.dropped.items() if count]
    if report.patterns is not None:
        lines.append(f"motions:  {len(report.motions)} pairs {GAP_S} s apart, {_histogram(report)}")
        lines.append("motion patterns that training would find in them:")
        total = int(report.patterns.counts.sum())
        for centroid, count in zip(report.patterns.centroids, report.patterns.counts, strict=True):
            lines.append(f"  {100 * int(count) / total:5.1f} %  {describe_motion(centroid)}")
    lines += [f"verdict:  {text}" for text in verdict(report)]
    return "\n".join(lines)


def describe_clocks(report: Inspection) -> str:
    """Whether camera and odometry agree on the time."""
    clock = report.clock
    if not clock.is_known:
        return "too few turns to tell whether camera and odometry agree on the time"
    seen = f"(turns and pictures correlate {clock.correlation:.2f})"
    left = clock.seconds - report.odom_offset_s
    if abs(left) < NOTICEABLE_S:
        applied = f" after {report.odom_offset_s:+.2f} s" if report.odom_offset_s else ""
        return f"camera and odometry agree within {1000 * abs(left):.0f} ms{applied} {seen}"
    return (
        f"the pictures turn {clock.seconds:+.2f} s after the odometry says so {seen}: "
        "train with --odom-offset auto"
    )


def _histogram(report: Inspection) -> str:
    """Shares of pairs by how far they turn."""
    turn = np.rad2deg(np.linalg.norm(report.motions[:, 3:], axis=1))
    edges = [0.0, 2.0, 5.0, 10.0, 20.0, np.inf]
    names = ["below 2", "2-5", "5-10", "10-20", "above 20"]
    counts, _ = np.histogram(turn, edges)
    shares = (
        f"{name} deg {100 * n / len(turn):.0f} %" for name, n in zip(names, counts, strict=True)
    )
    return "turning " + ", ".join(shares)
