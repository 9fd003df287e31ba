"""The track that nav_msgs/Odometry tells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from slowfeat.errors import MessageError
from slowfeat_trainer import bags
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.motion.odometry_cdr import is_standard, read_block
from slowfeat_trainer.motion.poses import RawPoses, check_poses, numbers_of_pose, track_of
from slowfeat_trainer.motion.track import Track

if TYPE_CHECKING:
    from rosbags.highlevel import AnyReader
    from rosbags.interfaces import Connection

WHAT = "odometry"
# Messages worked on at a time, for memory.
BLOCK = 4096

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
    raw = RawPoses(
        np.concatenate([poses.header_ns for poses in same]),
        np.concatenate([poses.receive_ns for poses in same]),
        np.concatenate([poses.values for poses in same]),
    )
    body = options.body_frame or frame or "base_link"
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
            yield RawPoses(block.header_ns, receive_ns, block.values), block.frames
        else:
            yield from _one_by_one(reader, rows, dropped)


def _one_by_one(
    reader: AnyReader, rows: list[tuple[Connection, int, bytes]], dropped: Counter[str]
) -> Iterator[tuple[RawPoses, Frames]]:
    """The poses of some messages, by frames, from messages that rosbags deserialised."""
    by_frames: dict[Frames, list[tuple[int, int, tuple[float, ...]]]] = {}
    for connection, receive_ns, raw in rows:
        try:
            message = bags.read_message(reader, raw, connection.msgtype)
        except MessageError:
            dropped[f"{WHAT}: message malformed"] += 1
            continue
        frames = (message.header.frame_id, message.child_frame_id)
        row = (bags.header_stamp_ns(message), receive_ns, numbers_of_pose(message.pose.pose))
        by_frames.setdefault(frames, []).append(row)
    for frames, poses in by_frames.items():
        yield RawPoses.of(poses), frames
