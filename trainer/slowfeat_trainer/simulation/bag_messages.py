"""The ROS 2 messages of the simulated robot, as rosbags' types.

Frames (REP-103, REP-105): odom -> base_link (x forward, y left, z up, on the floor) -> camera_link
(the same axes, at the camera) -> camera_optical_frame (z forward, x right, y down).
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rosbags.typesys import Stores, get_typestore

from slowfeat_trainer.simulation.doom_camera import Camera
from slowfeat_trainer.simulation.world import CAMERA_HEIGHT_M, Pose

# The oldest distribution that slowfeat serves: its definitions are read by all later ones.
TYPESTORE = get_typestore(Stores.ROS2_HUMBLE)
TYPES = TYPESTORE.types

ODOM, BODY, CAMERA, OPTICAL = "odom", "base_link", "camera_link", "camera_optical_frame"
# Quaternion (x, y, z, w) of the optical axes, seen from camera_link.
OPTICAL_ROTATION = (-0.5, 0.5, -0.5, 0.5)
# The truth has no noise, but filters take a variance of zero for unknown; m^2 and rad^2.
SMALL_VARIANCE = 1e-9


class Twist(NamedTuple):
    """Velocity of the body in its own frame: forward, left, up in m/s, turn in rad/s."""

    forward: float
    left: float
    up: float
    turn: float


def twist_between(before: Pose, after: Pose, gap_s: float) -> Twist:
    """Mean velocity over a gap; along an arc it points along the heading halfway."""
    dx, dy = after.x - before.x, after.y - before.y
    heading = (before.yaw + after.yaw) / 2
    cos, sin = math.cos(heading), math.sin(heading)
    return Twist(
        (cos * dx + sin * dy) / gap_s,
        (cos * dy - sin * dx) / gap_s,
        (after.z - before.z) / gap_s,
        (after.yaw - before.yaw) / gap_s,
    )


def relative_pose(start: Pose, pose: Pose) -> Pose:
    """`pose` as seen from `start`."""
    dx, dy = pose.x - start.x, pose.y - start.y
    cos, sin = math.cos(start.yaw), math.sin(start.yaw)
    return Pose(cos * dx + sin * dy, cos * dy - sin * dx, pose.z - start.z, pose.yaw - start.yaw)


def header(stamp_ns: int, frame: str) -> Any:
    """std_msgs/Header."""
    sec, nanosec = divmod(stamp_ns, 10**9)
    time = TYPES["builtin_interfaces/msg/Time"](sec=sec, nanosec=nanosec)
    return TYPES["std_msgs/msg/Header"](stamp=time, frame_id=frame)


def odometry(stamp_ns: int, pose: Pose, twist: Twist) -> Any:
    """nav_msgs/Odometry of the body's pose in the odometry frame."""
    orientation = (0.0, 0.0, math.sin(pose.yaw / 2), math.cos(pose.yaw / 2))
    covariance = (SMALL_VARIANCE * np.eye(6)).reshape(-1)
    linear = _vector("Vector3", twist.forward, twist.left, twist.up)
    return TYPES["nav_msgs/msg/Odometry"](
        header=header(stamp_ns, ODOM),
        child_frame_id=BODY,
        pose=TYPES["geometry_msgs/msg/PoseWithCovariance"](
            pose=TYPES["geometry_msgs/msg/Pose"](
                position=_vector("Point", pose.x, pose.y, pose.z),
                orientation=_quaternion(orientation),
            ),
            covariance=covariance,
        ),
        twist=TYPES["geometry_msgs/msg/TwistWithCovariance"](
            twist=TYPES["geometry_msgs/msg/Twist"](
                linear=linear, angular=_vector("Vector3", 0.0, 0.0, twist.turn)
            ),
            covariance=covariance,
        ),
    )


def camera_info(stamp_ns: int, camera: Camera) -> Any:
    """sensor_msgs/CameraInfo of an ideal pinhole."""
    K = camera.matrix
    return TYPES["sensor_msgs/msg/CameraInfo"](
        header=header(stamp_ns, OPTICAL),
        height=camera.height,
        width=camera.width,
        distortion_model="plumb_bob",
        d=np.zeros(5),
        k=K.reshape(-1),
        r=np.eye(3).reshape(-1),
        p=np.hstack([K, np.zeros((3, 1))]).reshape(-1),
        binning_x=0,
        binning_y=0,
        roi=TYPES["sensor_msgs/msg/RegionOfInterest"](
            x_offset=0, y_offset=0, height=0, width=0, do_rectify=False
        ),
    )


def raw_image(stamp_ns: int, picture: NDArray[np.uint8]) -> Any:
    """sensor_msgs/Image of an RGB image [height, width, 3]."""
    height, width, _ = picture.shape
    return TYPES["sensor_msgs/msg/Image"](
        header=header(stamp_ns, OPTICAL),
        height=height,
        width=width,
        encoding="rgb8",
        is_bigendian=0,
        step=3 * width,
        data=picture.reshape(-1),
    )


def compressed_image(stamp_ns: int, jpeg: NDArray[np.uint8]) -> Any:
    """sensor_msgs/CompressedImage of JPEG bytes."""
    return TYPES["sensor_msgs/msg/CompressedImage"](
        header=header(stamp_ns, OPTICAL), format="rgb8; jpeg compressed bgr8", data=jpeg
    )


def static_transforms(stamp_ns: int) -> Any:
    """tf2_msgs/TFMessage: where the camera is on the body."""
    still = (0.0, 0.0, 0.0, 1.0)
    return TYPES["tf2_msgs/msg/TFMessage"](
        transforms=[
            _transform(stamp_ns, BODY, CAMERA, (0.0, 0.0, CAMERA_HEIGHT_M), still),
            _transform(stamp_ns, CAMERA, OPTICAL, (0.0, 0.0, 0.0), OPTICAL_ROTATION),
        ]
    )


def _transform(
    stamp_ns: int,
    parent: str,
    child: str,
    translation: tuple[float, float, float],
    rotation: tuple[float, float, float, float],
) -> Any:
    return TYPES["geometry_msgs/msg/TransformStamped"](
        header=header(stamp_ns, parent),
        child_frame_id=child,
        transform=TYPES["geometry_msgs/msg/Transform"](
            translation=_vector("Vector3", *translation), rotation=_quaternion(rotation)
        ),
    )


def _vector(kind: str, x: float, y: float, z: float) -> Any:
    return TYPES[f"geometry_msgs/msg/{kind}"](x=x, y=y, z=z)


def _quaternion(xyzw: tuple[float, float, float, float]) -> Any:
    x, y, z, w = xyzw
    return TYPES["geometry_msgs/msg/Quaternion"](x=x, y=y, z=z, w=w)
