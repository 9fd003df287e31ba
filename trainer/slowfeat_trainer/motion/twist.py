"""The track of twists, commanded or measured: the "motor signals" of slow feature learning.

geometry_msgs/TwistStamped, TwistWithCovarianceStamped and Twist, integrated over time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from slowfeat.odometry import Stamps
from slowfeat_trainer import bags
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.motion.integrate import integrate_twists
from slowfeat_trainer.motion.jumps import MAX_SPEED, MAX_TURN_RATE
from slowfeat_trainer.motion.poses import each_message
from slowfeat_trainer.motion.stamps import usable_stamps
from slowfeat_trainer.motion.track import Track

if TYPE_CHECKING:
    from rosbags.highlevel import AnyReader

WITH_COVARIANCE = "geometry_msgs/msg/TwistWithCovarianceStamped"
WITHOUT_HEADER = "geometry_msgs/msg/Twist"
# What a track of twists starts from; nothing names it.
START_FRAME = "start"
# A twist is of the body even where its header names one of these.
FIXED_FRAMES = ("odom", "map", "world")


def read_twist(
    reader: AnyReader,
    topic: bags.Topic,
    options: IngestOptions,
    dropped: Counter[str],
    warnings: list[str],
) -> Track:
    """The track of a topic of body twists [m/s, rad/s], which starts at the origin."""
    what = "twist"
    rows: list[tuple[int, int, tuple[float, ...]]] = []
    frame = ""
    for receive_ns, message in each_message(reader, topic, what, dropped):
        if topic.type == WITHOUT_HEADER:
            rows.append((receive_ns, receive_ns, _numbers(message)))
            continue
        twist = message.twist.twist if topic.type == WITH_COVARIANCE else message.twist
        rows.append((bags.header_stamp_ns(message), receive_ns, _numbers(twist)))
        frame = frame or message.header.frame_id
    if frame.strip("/") in FIXED_FRAMES:
        warnings.append(
            f"{what}: {topic.name} names the frame {frame}; its twists are taken as the body's own"
        )
        frame = ""
    if topic.type == WITH_COVARIANCE:
        warnings.append(f"{what}: the motion is integrated from the velocities of {topic.name}")
    else:
        warnings.append(commanded(what, topic.name))
    body = options.body_frame or frame or "base_link"
    has_header = topic.type != WITHOUT_HEADER
    return track_of_twists(rows, has_header, topic, what, body, dropped, warnings)


def commanded(what: str, topic: str) -> str:
    """The warning for a source of commands."""
    return (
        f"{what}: the motion is what {topic} commands, not what was measured; "
        "where the robot slips or lags, the motions are wrong"
    )


def track_of_twists(
    rows: Sequence[tuple[int, int, tuple[float, ...]]],
    has_header: bool,
    source: bags.Topic,
    what: str,
    frame: str,
    dropped: Counter[str],
    warnings: list[str],
) -> Track:
    """The track of body twists.

    Args:
        rows: (header stamp ns, receive stamp ns, [vx vy vz m/s, wx wy wz rad/s]) of each message.
        has_header: whether the type has a header.
        source: the topic they come from.
        what: the kind of the source, which opens the reasons in `dropped` and the warnings.
        frame: the frame whose twists these are.
        dropped: counts what is left out.
        warnings: gains what a user should know.
    """
    twists = np.array([row[2] for row in rows], dtype=np.float64).reshape(-1, 6)
    finite = np.isfinite(twists).all(axis=1)
    with np.errstate(invalid="ignore"):
        fast = finite & (
            (np.abs(twists[:, :3]) > MAX_SPEED) | (np.abs(twists[:, 3:]) > MAX_TURN_RATE)
        ).any(axis=1)
    for reason, bad in (("twist not finite", ~finite), ("twist faster than any robot", fast)):
        if bad.any():
            dropped[f"{what}: {reason}"] += int(bad.sum())
    good = np.flatnonzero(finite & ~fast)
    header: Stamps = np.array([row[0] for row in rows], dtype=np.int64)[good]
    receive: Stamps = np.array([row[1] for row in rows], dtype=np.int64)[good]
    usable = usable_stamps(header if has_header else None, receive, what)
    dropped.update(usable.dropped)
    warnings.extend(usable.warnings)
    poses = integrate_twists(usable.stamps, twists[good[usable.order]])
    return Track(
        poses.stamps,
        poses.positions,
        poses.quaternions,
        frame,
        START_FRAME,
        source.name,
        what,
    )


def _numbers(twist: Any) -> tuple[float, ...]:
    v, w = twist.linear, twist.angular
    return (v.x, v.y, v.z, w.x, w.y, w.z)
