"""The track that nav_msgs/Odometry tells."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from slowfeat_trainer import bags
from slowfeat_trainer.ingest.options import IngestOptions
from slowfeat_trainer.motion.poses import (
    RawPoses,
    check_poses,
    each_message,
    numbers_of_pose,
    track_of,
)
from slowfeat_trainer.motion.track import Track

if TYPE_CHECKING:
    from rosbags.highlevel import AnyReader

WHAT = "odometry"


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
    rows = []
    frames: list[tuple[str, str]] = []
    for receive_ns, message in each_message(reader, topic, WHAT, dropped):
        rows.append((bags.header_stamp_ns(message), receive_ns, numbers_of_pose(message.pose.pose)))
        frames.append((message.header.frame_id, message.child_frame_id))
    raw = RawPoses.of(rows)
    counts = Counter(frames)
    fixed, frame = counts.most_common(1)[0][0] if counts else ("", "")
    if len(counts) > 1:
        same = np.array([pair == (fixed, frame) for pair in frames])
        dropped[f"{WHAT}: pose of another frame"] += int((~same).sum())
        raw = RawPoses(raw.header_ns[same], raw.receive_ns[same], raw.values[same])
    poses = check_poses(raw, WHAT, dropped, warnings)
    body = options.body_frame or frame or "base_link"
    return track_of(poses, topic, WHAT, body, fixed or "odom", dropped, warnings)
