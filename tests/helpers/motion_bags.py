"""The drive of bag_factory told by every source of motion there is.

`MOTIONS` maps a name to a function (open rosbag2 writer, recipe) that adds the topics of one
source; `truth(name, t)` is where the body then is. All tell the same poses, but for the car: it
cannot slide sideways like the recipe's robot, so it turns alike and drives along its heading.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from rosbags.rosbag2 import StoragePlugin, Writer

from slowfeat.geometry import Array, motion_matrix
from slowfeat_trainer.bags import default_typestore
from tests.helpers import bag_formats
from tests.helpers.bag_factory import (
    NS,
    START_S,
    STORE,
    BagRecipe,
    T,
    _forward,
    _image,
    header,
    odometry_message,
    pose_message,
    yaw_at,
)

WHEELBASE_M = 0.3
SPEED = 0.4
QUARTER = np.pi / 2
Message = tuple[int, Any]


# ROS's common interfaces lack ackermann_msgs; the project's own typestore knows them.
ACKERMANN = {
    name: definition
    for name, definition in default_typestore().fielddefs.items()
    if name.startswith("ackermann_msgs/")
}
for _store in (STORE, bag_formats.STORE, bag_formats.STORE1):
    _store.register(ACKERMANN)


def times(r: BagRecipe, rate: float | None = None) -> Array:
    """Times (N,) of the motion's messages in seconds since the start,
    from before the first image on.
    """
    rate = rate or r.odom_rate
    return np.asarray((np.arange(round(r.frames / r.rate * rate) + 4) - 2) / rate)


def stamp_of(r: BagRecipe, t: float) -> int:
    return START_S * NS + round((t - r.odom_ahead_s) * NS)


def truth(name: str, t: Array, still: bool = False) -> Array:
    """Poses (N, 4, 4) of the body at times (N,) in seconds, up to a constant pose of the start."""
    yaw = np.array([yaw_at(s, still) for s in t])
    zero = np.zeros_like(yaw)
    x, y = np.array([_forward(s, still) for s in t]), zero
    if name.startswith("ackermann"):
        fine = np.linspace(-1, max(t.max(), 0) + 1, 20_000)
        heading = np.array([yaw_at(s, still) for s in fine])
        step = np.diff(fine) * (0.0 if still else SPEED)
        middle = (heading[:-1] + heading[1:]) / 2
        x = np.interp(t, fine, np.concatenate([[0], np.cumsum(step * np.cos(middle))]))
        y = np.interp(t, fine, np.concatenate([[0], np.cumsum(step * np.sin(middle))]))
    return motion_matrix(np.stack([x, y, zero, zero, zero, yaw], axis=-1))


def write(writer: Writer, topic: str, kind: str, messages: list[Message]) -> None:
    """Add a topic with messages (receive stamp, message)."""
    connection = writer.add_connection(topic, kind, typestore=STORE)
    for stamp, message in messages:
        writer.write(connection, stamp, STORE.serialize_cdr(message, kind))


def transform(stamp: int, parent: str, child: str, x: float, yaw: float, z: float = 0.0) -> Any:
    """A geometry_msgs/TransformStamped along x and z and about z."""
    return T["geometry_msgs/msg/TransformStamped"](
        header=header(stamp, parent),
        child_frame_id=child,
        transform=T["geometry_msgs/msg/Transform"](
            translation=T["geometry_msgs/msg/Vector3"](x=x, y=0.0, z=z),
            rotation=T["geometry_msgs/msg/Quaternion"](
                x=0.0, y=0.0, z=np.sin(yaw / 2), w=np.cos(yaw / 2)
            ),
        ),
    )


def tf_of(transforms: list[Any]) -> list[Message]:
    """One TFMessage each, received when stamped."""
    message = T["tf2_msgs/msg/TFMessage"]
    stamps = [t.header.stamp.sec * NS + t.header.stamp.nanosec for t in transforms]
    pairs = zip(stamps, transforms, strict=True)
    return [(stamp, message(transforms=[t])) for stamp, t in pairs]


def odometry(writer: Writer, r: BagRecipe) -> None:
    rows = [
        (
            stamp_of(r, t),
            odometry_message(
                stamp_of(r, t), _forward(t, r.still), yaw_at(t, r.still), r.body_frame
            ),
        )
        for t in times(r)
    ]
    write(writer, "/odom", "nav_msgs/msg/Odometry", rows)


def tf(writer: Writer, r: BagRecipe) -> None:
    rows = [
        transform(stamp_of(r, t), "odom", r.body_frame, _forward(t, r.still), yaw_at(t, r.still))
        for t in times(r)
    ]
    write(writer, "/tf", "tf2_msgs/msg/TFMessage", tf_of(rows))


def tf_chain(writer: Writer, r: BagRecipe) -> None:
    """odom -> base_footprint -> base_stabilized -> base_link (static), at
    two rates, and a map that jumps.
    """
    rows = [
        transform(stamp_of(r, t), "odom", "base_footprint", _forward(t, r.still), 0.0)
        for t in times(r)
    ]
    rows += [
        transform(
            stamp_of(r, t + 0.003),
            "base_footprint",
            "base_stabilized",
            0.0,
            yaw_at(t + 0.003, r.still) - QUARTER,
            0.2,
        )
        for t in times(r, 2 * r.odom_rate)
    ]
    rows += [
        transform(stamp_of(r, t), "map", "odom", float(k % 2) * 5, 0.0)
        for k, t in enumerate(times(r, 1.0))
    ]
    rows.sort(key=lambda row: (row.header.stamp.sec, row.header.stamp.nanosec))
    write(writer, "/tf", "tf2_msgs/msg/TFMessage", tf_of(rows))
    static = transform(stamp_of(r, 0.0), "base_stabilized", r.body_frame, 0.0, QUARTER, -0.2)
    topic = "/base/tf_static" if r.with_tf_static else "/tf_static"
    write(writer, topic, "tf2_msgs/msg/TFMessage", tf_of([static]))


def pose(writer: Writer, r: BagRecipe) -> None:
    kind = "geometry_msgs/msg/PoseStamped"
    rows = [
        (
            stamp_of(r, t),
            T[kind](
                header=header(stamp_of(r, t), "world"),
                pose=pose_message(_forward(t, r.still), yaw_at(t, r.still)),
            ),
        )
        for t in times(r)
    ]
    write(writer, "/pose", kind, rows)


def pose_with_covariance(writer: Writer, r: BagRecipe) -> None:
    kind = "geometry_msgs/msg/PoseWithCovarianceStamped"
    rows = [
        (
            stamp_of(r, t),
            T[kind](
                header=header(stamp_of(r, t), "world"),
                pose=T["geometry_msgs/msg/PoseWithCovariance"](
                    pose=pose_message(_forward(t, r.still), yaw_at(t, r.still)),
                    covariance=np.zeros(36),
                ),
            ),
        )
        for t in times(r)
    ]
    write(writer, "/pose", kind, rows)


def transform_topic(writer: Writer, r: BagRecipe) -> None:
    """As motion capture publishes a body, on a topic of its own."""
    rows = [
        transform(stamp_of(r, t), "world", r.body_frame, _forward(t, r.still), yaw_at(t, r.still))
        for t in times(r)
    ]
    stamped = [(row.header.stamp.sec * NS + row.header.stamp.nanosec, row) for row in rows]
    write(writer, "/vicon/robot", "geometry_msgs/msg/TransformStamped", stamped)


def twist_message(r: BagRecipe, t: float) -> Any:
    """The body twist that leads from t to the next message."""
    step = 1 / r.odom_rate
    before, after = yaw_at(t, r.still), yaw_at(t + step, r.still)
    v, yaw = 0.0 if r.still else SPEED, (before + after) / 2
    vector = T["geometry_msgs/msg/Vector3"]
    return T["geometry_msgs/msg/Twist"](
        linear=vector(x=v * np.cos(yaw), y=-v * np.sin(yaw), z=0.0),
        angular=vector(x=0.0, y=0.0, z=(after - before) / step),
    )


def twist(writer: Writer, r: BagRecipe) -> None:
    kind = "geometry_msgs/msg/Twist"
    write(writer, "/cmd_vel", kind, [(stamp_of(r, t), twist_message(r, t)) for t in times(r)])


def twist_stamped(writer: Writer, r: BagRecipe) -> None:
    kind = "geometry_msgs/msg/TwistStamped"
    rows = [
        (
            stamp_of(r, t),
            T[kind](header=header(stamp_of(r, t), r.body_frame), twist=twist_message(r, t)),
        )
        for t in times(r)
    ]
    write(writer, "/cmd_vel", kind, rows)


def twist_with_covariance(writer: Writer, r: BagRecipe) -> None:
    kind = "geometry_msgs/msg/TwistWithCovarianceStamped"
    rows = [
        (
            stamp_of(r, t),
            T[kind](
                header=header(stamp_of(r, t), r.body_frame),
                twist=T["geometry_msgs/msg/TwistWithCovariance"](
                    twist=twist_message(r, t), covariance=np.zeros(36)
                ),
            ),
        )
        for t in times(r)
    ]
    write(writer, "/velocity", kind, rows)


def drive_message(r: BagRecipe, t: float) -> Any:
    """The Ackermann command that leads from t to the next message."""
    step = 1 / r.odom_rate
    rate = (yaw_at(t + step, r.still) - yaw_at(t, r.still)) / step
    v = 0.0 if r.still else SPEED
    return T["ackermann_msgs/msg/AckermannDrive"](
        steering_angle=float(np.arctan(rate * WHEELBASE_M / SPEED)),
        steering_angle_velocity=0.0,
        speed=v,
        acceleration=0.0,
        jerk=0.0,
    )


def ackermann(writer: Writer, r: BagRecipe) -> None:
    kind = "ackermann_msgs/msg/AckermannDrive"
    write(writer, "/drive", kind, [(stamp_of(r, t), drive_message(r, t)) for t in times(r)])


def ackermann_stamped(writer: Writer, r: BagRecipe) -> None:
    kind = "ackermann_msgs/msg/AckermannDriveStamped"
    rows = [
        (
            stamp_of(r, t),
            T[kind](header=header(stamp_of(r, t), r.body_frame), drive=drive_message(r, t)),
        )
        for t in times(r)
    ]
    write(writer, "/drive", kind, rows)


MOTIONS: dict[str, Callable[[Writer, BagRecipe], None]] = {
    "odometry": odometry,
    "tf": tf,
    "tf-chain": tf_chain,
    "pose": pose,
    "pose-with-covariance": pose_with_covariance,
    "transform": transform_topic,
    "twist": twist,
    "twist-stamped": twist_stamped,
    "twist-with-covariance": twist_with_covariance,
    "ackermann": ackermann,
    "ackermann-stamped": ackermann_stamped,
}


def make_motion_bag(
    path: Path,
    *motions: str | Callable[[Writer, BagRecipe], None],
    recipe: BagRecipe | None = None,
    with_images: bool = False,
) -> Path:
    """Write a bag with some sources of motion (names in MOTIONS or
    functions); returns its folder.
    """
    r = recipe or BagRecipe()
    with Writer(path, version=8, storage_plugin=StoragePlugin.MCAP) as writer:
        for topic in r.image_topics if with_images else ():
            images = [_image(r, k) for k in range(r.frames)]
            write(writer, topic, "sensor_msgs/msg/CompressedImage", images)
        for motion in motions:
            (MOTIONS[motion] if isinstance(motion, str) else motion)(writer, r)
    return path
