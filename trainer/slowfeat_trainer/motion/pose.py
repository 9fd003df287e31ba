"""The track of geometry_msgs/PoseStamped and PoseWithCovarianceStamped."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from slowfeat_trainer import bags
from slowfeat_trainer.data.options import IngestOptions
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

WITH_COVARIANCE = "geometry_msgs/msg/PoseWithCovarianceStamped"


def read_pose(
    reader: AnyReader,
    topic: bags.Topic,
    options: IngestOptions,
    dropped: Counter[str],
    warnings: list[str],
) -> Track:
    """The track of a topic of stamped poses.

    Its messages say in which frame the poses are told, but not of which frame they are: that is
    `options.body_frame`, else base_link, with a warning.
    """
    with_covariance = topic.type == WITH_COVARIANCE
    what = "pose with covariance" if with_covariance else "pose"
    rows = []
    fixed = ""
    for receive_ns, message in each_message(reader, topic, what, dropped):
        pose = message.pose.pose if with_covariance else message.pose
        rows.append((bags.header_stamp_ns(message), receive_ns, numbers_of_pose(pose)))
        fixed = fixed or message.header.frame_id
    poses = check_poses(RawPoses.of(rows), what, dropped, warnings)
    if options.body_frame is None:
        warnings.append(
            f"{what}: {topic.name} does not say of which frame its poses are, taken as base_link "
            "(x forward, y left, z up); for a camera's poses say --body-frame "
            "camera_rgb_optical_frame"
        )
    if fixed.strip("/") == "map":
        warnings.append(
            f"{what}: {topic.name} has poses in map, which jump when the robot is localised again"
        )
    body = options.body_frame or "base_link"
    return track_of(poses, topic, what, body, fixed, dropped, warnings)
