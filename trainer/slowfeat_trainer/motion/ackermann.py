"""The track of Ackermann commands: ackermann_msgs/AckermannDriveStamped and AckermannDrive."""

from __future__ import annotations

from collections import Counter
from math import tan
from typing import TYPE_CHECKING

from slowfeat.errors import UsageError
from slowfeat_trainer import bags
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.motion.poses import each_message
from slowfeat_trainer.motion.track import Track
from slowfeat_trainer.motion.twist import commanded, track_of_twists

if TYPE_CHECKING:
    from rosbags.highlevel import AnyReader

STAMPED = "ackermann_msgs/msg/AckermannDriveStamped"
WHAT = "ackermann"


def read_ackermann(
    reader: AnyReader,
    topic: bags.Topic,
    options: IngestOptions,
    dropped: Counter[str],
    warnings: list[str],
) -> Track:
    """The track of the middle of a car's rear axle, by the kinematic bicycle model.

    With speed v and steering angle s of the front wheels the yaw rate is v tan(s) / wheelbase.

    Raises:
        UsageError: no wheelbase was given, or none that can be.
    """
    wheelbase = options.wheelbase_m
    if wheelbase is None:
        raise UsageError(
            f"{topic.name} [{topic.type}] has steering angles; give the distance between the "
            "axles in metres with --wheelbase"
        )
    if not 0.0 < wheelbase < float("inf"):
        raise UsageError(f"--wheelbase {wheelbase} must be a length in metres above zero")
    rows = []
    frame = ""
    for receive_ns, message in each_message(reader, topic, WHAT, dropped):
        stamp_ns, drive = receive_ns, message
        if topic.type == STAMPED:
            stamp_ns, drive = bags.header_stamp_ns(message), message.drive
            frame = frame or message.header.frame_id
        v, steer = float(drive.speed), float(drive.steering_angle)
        # An angle that is not finite has no tangent; such a message is counted as not finite.
        yaw_rate = v * tan(steer) / wheelbase if abs(steer) < float("inf") else float("nan")
        rows.append((stamp_ns, receive_ns, (v, 0.0, 0.0, 0.0, 0.0, yaw_rate)))
    warnings.append(commanded(WHAT, topic.name))
    body = options.body_frame or frame or "base_link"
    return track_of_twists(rows, topic.type == STAMPED, topic, WHAT, body, dropped, warnings)
