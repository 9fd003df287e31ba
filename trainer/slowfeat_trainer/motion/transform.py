"""The track of geometry_msgs/TransformStamped on a topic of its own, as
motion-capture systems publish it.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from slowfeat_trainer import bags
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.motion.poses import RawPoses, check_poses, each_message, track_of
from slowfeat_trainer.motion.track import Track

if TYPE_CHECKING:
    from rosbags.highlevel import AnyReader

WHAT = "transform"


def read_transform(
    reader: AnyReader,
    topic: bags.Topic,
    options: IngestOptions,
    dropped: Counter[str],
    warnings: list[str],
) -> Track:
    """The track of the child frame of a topic of transforms; of several, that of most messages."""
    rows: dict[tuple[str, str], list[tuple[int, int, tuple[float, ...]]]] = {}
    for receive_ns, message in each_message(reader, topic, WHAT, dropped):
        t, q = message.transform.translation, message.transform.rotation
        frames = (message.header.frame_id, message.child_frame_id)
        row = (bags.header_stamp_ns(message), receive_ns, (t.x, t.y, t.z, q.x, q.y, q.z, q.w))
        rows.setdefault(frames, []).append(row)
    fixed, child = max(rows, key=lambda frames: len(rows[frames]), default=("", ""))
    others = sum(map(len, rows.values())) - len(rows.get((fixed, child), []))
    if others:
        dropped[f"{WHAT}: pose of another frame"] += others
    poses = check_poses(RawPoses.of(rows.get((fixed, child), [])), WHAT, dropped, warnings)
    body = options.body_frame or child or "base_link"
    return track_of(poses, topic, WHAT, body, fixed or "world", dropped, warnings)
