"""The track of nav_msgs/Odometry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from slowfeat.errors import MessageError
from slowfeat_trainer import bags
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.motion.odometry_cdr import VARIANCES, is_standard, read_block
from slowfeat_trainer.motion.poses import RawPoses, check_poses, numbers_of_pose, track_of
from slowfeat_trainer.motion.track import Track
from slowfeat_trainer.motion.twist import track_of_twists

if TYPE_CHECKING:
    from rosbags.highlevel import AnyReader
    from rosbags.interfaces import Connection

WHAT = "odometry"
# Messages worked on at a time, for memory.
BLOCK = 4096
# Poses that differ by less never change; twists larger than this, in this share of the messages,
# move; m, rad, s.
SAME_POSE, MOVING_TWIST, MOVING_SHARE = 1e-9, 0.01, 0.05

Frames = tuple[str, str]


def read_odometry(
    reader: AnyReader,
    topic: bags.Topic,
    options: IngestOptions,
    dropped: Counter[str],
    warnings: list[str],
) -> Track:
    """The track of an odometry topic, of the frame that it names (child_frame_id).

    Where publishers of several frames share the topic, the frame of most messages is taken.
    """
    blocks = list(_blocks(reader, topic, dropped))
    counts: Counter[Frames] = Counter()
    for poses, frames in blocks:
        counts[frames] += len(poses.header_ns)
    fixed, frame = counts.most_common(1)[0][0] if counts else ("", "")
    others = counts.total() - counts[fixed, frame]
    if others:
        dropped[f"{WHAT}: pose of another frame"] += others
    same = [poses for poses, frames in blocks if frames == (fixed, frame)] or [RawPoses.of([])]
    raw = RawPoses.joined(same)
    if frame and frame.strip("/") == fixed.strip("/"):
        warnings.append(
            f"{WHAT}: {topic.name} names its child frame like its parent ({frame}); taken as "
            "base_link, --body-frame names another"
        )
        frame = "base_link"
    body = options.body_frame or frame or "base_link"
    if is_twist_only(raw):
        warnings.append(
            f"{WHAT}: the poses of {topic.name} never change, its twists do; the motion is "
            "integrated from the twists"
        )
        rows = twist_rows(raw)
        return track_of_twists(rows, True, topic, WHAT, body, dropped, warnings)
    checked = check_poses(raw, WHAT, dropped, warnings)
    return track_of(checked, topic, WHAT, body, fixed or "odom", dropped, warnings)


def _blocks(
    reader: AnyReader, topic: bags.Topic, dropped: Counter[str]
) -> Iterator[tuple[RawPoses, Frames]]:
    """The poses of a topic in pieces of one pair of frames each, in the order of the bag."""
    fast = is_standard(reader)
    messages = bags.raw_messages(reader, topic.name, topic.type)
    while rows := list(islice(messages, BLOCK)):
        block = read_block([raw for _, _, raw in rows]) if fast else None
        if block is not None:
            receive_ns = np.array([row[1] for row in rows], dtype=np.int64)
            poses = RawPoses(
                block.header_ns, receive_ns, block.values, block.twists, block.variances
            )
            yield poses, block.frames
        else:
            yield from _one_by_one(reader, rows, dropped)


def _one_by_one(
    reader: AnyReader, rows: list[tuple[Connection, int, bytes]], dropped: Counter[str]
) -> Iterator[tuple[RawPoses, Frames]]:
    """The poses of some messages, by frames, from messages that rosbags deserialised."""
    by_frames: dict[Frames, list[Any]] = {}
    for connection, receive_ns, raw in rows:
        try:
            message = bags.read_message(reader, raw, connection.msgtype)
        except MessageError:
            dropped[f"{WHAT}: message malformed"] += 1
            continue
        frames = (message.header.frame_id, message.child_frame_id)
        by_frames.setdefault(frames, []).append((receive_ns, message))
    for frames, messages in by_frames.items():
        yield _raw_poses(messages), frames


def _raw_poses(messages: list[tuple[int, Any]]) -> RawPoses:
    """The poses, twists and variances of deserialised messages."""
    found = RawPoses.of(
        [(bags.header_stamp_ns(m), ns, numbers_of_pose(m.pose.pose)) for ns, m in messages]
    )
    twists = [(m.twist.twist.linear, m.twist.twist.angular) for _, m in messages]
    found.twists = np.array([(v.x, v.y, v.z, w.x, w.y, w.z) for v, w in twists], dtype=np.float64)
    found.variances = np.array(
        [np.asarray(m.pose.covariance, dtype=np.float64)[list(VARIANCES)] for _, m in messages]
    )
    return found


def is_twist_only(raw: RawPoses) -> bool:
    """Whether the poses stay where they are while the twists move."""
    if raw.twists is None or len(raw.values) < 2 or not np.isfinite(raw.values).all():
        return False
    if np.ptp(raw.values, axis=0).max() > SAME_POSE:
        return False
    with np.errstate(invalid="ignore"):
        moving = (np.abs(raw.twists) > MOVING_TWIST).any(axis=1)
    return bool(np.mean(moving) > MOVING_SHARE)


def twist_rows(raw: RawPoses) -> list[tuple[int, int, tuple[float, ...]]]:
    """Header and receive stamps in ns, and twists [m/s, rad/s]."""
    assert raw.twists is not None  # noqa: S101 - for the type checker
    columns = (raw.header_ns.tolist(), raw.receive_ns.tolist(), raw.twists.tolist())
    return [
        (header, receive, tuple(twist)) for header, receive, twist in zip(*columns, strict=True)
    ]
