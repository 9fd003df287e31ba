"""Tiny bags of a camera that turns and drives before a painted wall,
for tests of what reads bags.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from rosbags.rosbag2 import StoragePlugin, Writer
from rosbags.typesys import Stores, get_typestore

STORE = get_typestore(Stores.ROS2_HUMBLE)
T = STORE.types
NS = 1_000_000_000
START_S = 1000
PIXELS_PER_RADIAN = 60.0
# Radians, as camera_info tells it.
HORIZONTAL_FOV = 2 * np.arctan(32 / PIXELS_PER_RADIAN)


@dataclass
class BagRecipe:
    """What a made bag holds, and what is wrong with it."""

    frames: int = 120
    rate: float = 10.0
    odom_rate: float = 20.0
    image_topics: tuple[str, ...] = ("/camera/image/compressed",)
    odom_topics: tuple[str, ...] = ("/odom",)
    # Seconds by which the odometry's stamps run ahead of the images.
    odom_ahead_s: float = 0.0
    body_frame: str = "base_link"
    with_camera_info: bool = False
    # What camera_info says of it, the images are a pinhole's: model and coefficients.
    distortion: tuple[str, tuple[float, ...]] = ("plumb_bob", (0.0,) * 5)
    with_tf_static: bool = False
    # Frame numbers with this fault.
    zero_stamp: set[int] = field(default_factory=set)
    repeated_stamp: set[int] = field(default_factory=set)
    broken_jpeg: set[int] = field(default_factory=set)
    nan_pose: set[int] = field(default_factory=set)
    # The robot stands still.
    still: bool = False


def yaw_at(t: float, still: bool = False) -> float:
    """Heading in radians: an irregular swing to both sides."""
    return 0.0 if still else 0.8 * np.sin(1.3 * t) + 0.3 * np.sin(0.37 * t + 1)


@cache
def _wall() -> np.ndarray:
    wall = cv2.GaussianBlur(np.random.default_rng(7).uniform(0, 255, (100, 600, 3)), (0, 0), 2.0)
    return cv2.normalize(wall, None, 0, 255, cv2.NORM_MINMAX)


def picture(yaw: float, forward: float) -> np.ndarray:
    """A view (48, 64, 3) RGB of a wall, shifted by yaw; it comes nearer and
    recedes with the distance driven.
    """
    wall = _wall()
    zoom = 1.0 + 0.1 * np.sin(0.5 * forward)
    centre = (300 - PIXELS_PER_RADIAN * yaw, 50)
    M = np.array([[zoom, 0, 32 - zoom * centre[0]], [0, zoom, 24 - zoom * centre[1]]])
    return cv2.warpAffine(wall, M, (64, 48)).astype(np.uint8)


def header(stamp_ns: int, frame: str) -> Any:
    time = T["builtin_interfaces/msg/Time"](sec=stamp_ns // NS, nanosec=stamp_ns % NS)
    return T["std_msgs/msg/Header"](stamp=time, frame_id=frame)


def pose_message(x: float, yaw: float) -> Any:
    point = T["geometry_msgs/msg/Point"](x=x, y=0.0, z=0.0)
    turn = T["geometry_msgs/msg/Quaternion"](x=0.0, y=0.0, z=np.sin(yaw / 2), w=np.cos(yaw / 2))
    return T["geometry_msgs/msg/Pose"](position=point, orientation=turn)


def odometry_message(stamp_ns: int, x: float, yaw: float, child: str) -> Any:
    zero = T["geometry_msgs/msg/Vector3"](x=0.0, y=0.0, z=0.0)
    twist = T["geometry_msgs/msg/Twist"](linear=zero, angular=zero)
    covariance = np.zeros(36)
    return T["nav_msgs/msg/Odometry"](
        header=header(stamp_ns, "odom"),
        child_frame_id=child,
        pose=T["geometry_msgs/msg/PoseWithCovariance"](
            pose=pose_message(x, yaw), covariance=covariance
        ),
        twist=T["geometry_msgs/msg/TwistWithCovariance"](twist=twist, covariance=covariance),
    )


def camera_info_message(
    stamp_ns: int, distortion: tuple[str, tuple[float, ...]] = BagRecipe.distortion
) -> Any:
    K = np.array([PIXELS_PER_RADIAN, 0, 32, 0, PIXELS_PER_RADIAN, 24, 0, 0, 1])
    return T["sensor_msgs/msg/CameraInfo"](
        header=header(stamp_ns, "camera_optical_frame"),
        height=48,
        width=64,
        distortion_model=distortion[0],
        d=np.array(distortion[1], dtype=np.float64),
        k=K,
        r=np.eye(3).ravel(),
        p=np.zeros(12),
        binning_x=0,
        binning_y=0,
        roi=T["sensor_msgs/msg/RegionOfInterest"](
            x_offset=0, y_offset=0, height=0, width=0, do_rectify=False
        ),
    )


def tf_message() -> Any:
    """base_link -> camera_link (10 cm ahead, 20 cm up) -> camera_optical_frame."""

    def transform(parent: str, child: str, t: tuple[float, ...], q: tuple[float, ...]) -> Any:
        return T["geometry_msgs/msg/TransformStamped"](
            header=header(START_S * NS, parent),
            child_frame_id=child,
            transform=T["geometry_msgs/msg/Transform"](
                translation=T["geometry_msgs/msg/Vector3"](x=t[0], y=t[1], z=t[2]),
                rotation=T["geometry_msgs/msg/Quaternion"](x=q[0], y=q[1], z=q[2], w=q[3]),
            ),
        )

    return T["tf2_msgs/msg/TFMessage"](
        transforms=[
            transform("base_link", "camera_link", (0.1, 0.0, 0.2), (0.0, 0.0, 0.0, 1.0)),
            transform(
                "camera_link", "camera_optical_frame", (0.0, 0.0, 0.0), (-0.5, 0.5, -0.5, 0.5)
            ),
        ]
    )


def make_bag(path: Path, recipe: BagRecipe | None = None) -> Path:
    """Write a bag after a recipe; returns its folder."""
    r = recipe or BagRecipe()
    seconds = r.frames / r.rate
    with Writer(path, version=8, storage_plugin=StoragePlugin.MCAP) as writer:

        def write(topic: str, kind: str, messages: list[tuple[int, Any]]) -> None:
            connection = writer.add_connection(topic, kind, typestore=STORE)
            for stamp, message in messages:
                writer.write(connection, stamp, STORE.serialize_cdr(message, kind))

        for topic in r.image_topics:
            write(topic, "sensor_msgs/msg/CompressedImage", [_image(r, k) for k in range(r.frames)])
        for topic in r.odom_topics:
            count = round(seconds * r.odom_rate) + 4
            write(topic, "nav_msgs/msg/Odometry", [_odometry(r, k) for k in range(count)])
        if r.with_camera_info:
            stamp = START_S * NS
            write(
                "/camera/camera_info",
                "sensor_msgs/msg/CameraInfo",
                [(stamp, camera_info_message(stamp, r.distortion))],
            )
        if r.with_tf_static:
            write("/tf_static", "tf2_msgs/msg/TFMessage", [(START_S * NS, tf_message())])
    return path


def _forward(t: float, still: bool) -> float:
    return 0.0 if still else 0.4 * t


def _image(r: BagRecipe, k: int) -> tuple[int, Any]:
    t = k / r.rate
    stamp = START_S * NS + round(t * NS)
    pixels = picture(yaw_at(t, r.still), _forward(t, r.still))
    data = cv2.imencode(".jpg", pixels[:, :, ::-1])[1]
    if k in r.broken_jpeg:
        data = data[:5]
    shown = 0 if k in r.zero_stamp else stamp - (round(NS / r.rate) if k in r.repeated_stamp else 0)
    message = T["sensor_msgs/msg/CompressedImage"](
        header=header(shown, "camera_optical_frame"), format="jpeg", data=data.ravel()
    )
    return stamp, message


def _odometry(r: BagRecipe, k: int) -> tuple[int, Any]:
    t = (k - 2) / r.odom_rate
    stamp = START_S * NS + round((t - r.odom_ahead_s) * NS)
    x = np.nan if k in r.nan_pose else _forward(t, r.still)
    return stamp, odometry_message(stamp, x, yaw_at(t, r.still), r.body_frame)
