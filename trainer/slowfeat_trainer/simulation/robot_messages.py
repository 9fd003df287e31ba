"""The messages of the simulated robot as rclpy's types; for bags they
are in `messages`, as rosbags'.
"""

from __future__ import annotations

import math
from array import array
from typing import Any

import numpy as np
from builtin_interfaces.msg import Time
from geometry_msgs.msg import PoseStamped, TransformStamped
from nav_msgs.msg import Odometry
from numpy.typing import NDArray
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header

from slowfeat_trainer.simulation.bag_messages import (
    BODY,
    ODOM,
    OPTICAL,
    OPTICAL_ROTATION,
    SMALL_VARIANCE,
    Twist,
)
from slowfeat_trainer.simulation.doom_camera import Camera
from slowfeat_trainer.simulation.world import CAMERA_HEIGHT_M, Pose

MAP = "map"


def time_message(stamp_ns: int) -> Any:
    """builtin_interfaces/Time."""
    sec, nanosec = divmod(stamp_ns, 10**9)
    return Time(sec=sec, nanosec=nanosec)


def header(stamp_ns: int, frame: str) -> Any:
    """std_msgs/Header."""
    return Header(stamp=time_message(stamp_ns), frame_id=frame)


def odometry(stamp_ns: int, pose: Pose, twist: Twist, noise: float) -> Any:
    """nav_msgs/Odometry of the body in the odometry frame; `noise` goes into the covariance."""
    message = Odometry(header=header(stamp_ns, ODOM), child_frame_id=BODY)
    _set_pose(message.pose.pose, pose)
    message.twist.twist.linear.x = float(twist.forward)
    message.twist.twist.linear.y = float(twist.left)
    message.twist.twist.angular.z = float(twist.turn)
    covariance = (max(SMALL_VARIANCE, noise**2) * np.eye(6)).reshape(-1)
    message.pose.covariance = message.twist.covariance = covariance
    return message


def true_pose(stamp_ns: int, pose: Pose) -> Any:
    """geometry_msgs/PoseStamped of the body in the map."""
    message = PoseStamped(header=header(stamp_ns, MAP))
    _set_pose(message.pose, pose)
    return message


def _set_pose(message: Any, pose: Pose) -> None:
    message.position.x, message.position.y = float(pose.x), float(pose.y)
    message.position.z = float(pose.z)
    message.orientation.z = math.sin(pose.yaw / 2)
    message.orientation.w = math.cos(pose.yaw / 2)


def image(stamp_ns: int, picture: NDArray[np.uint8]) -> Any:
    """sensor_msgs/Image of an RGB image [height, width, 3]."""
    height, width, _ = picture.shape
    message = Image(
        header=header(stamp_ns, OPTICAL),
        height=height,
        width=width,
        encoding="rgb8",
        step=3 * width,
    )
    data = array("B")
    data.frombytes(np.ascontiguousarray(picture).data.cast("B"))
    message.data = data
    return message


def camera_info(stamp_ns: int, camera: Camera) -> Any:
    """sensor_msgs/CameraInfo of an ideal pinhole."""
    K = camera.matrix
    return CameraInfo(
        header=header(stamp_ns, OPTICAL),
        height=camera.height,
        width=camera.width,
        distortion_model="plumb_bob",
        d=np.zeros(5).tolist(),
        k=K.reshape(-1),
        r=np.eye(3).reshape(-1),
        p=np.hstack([K, np.zeros((3, 1))]).reshape(-1),
    )


def extrinsic(stamp_ns: int) -> Any:
    """geometry_msgs/TransformStamped: the camera's optical frame seen from the body."""
    message = TransformStamped(header=header(stamp_ns, BODY), child_frame_id=OPTICAL)
    message.transform.translation.z = CAMERA_HEIGHT_M
    x, y, z, w = OPTICAL_ROTATION
    message.transform.rotation.x, message.transform.rotation.y = x, y
    message.transform.rotation.z, message.transform.rotation.w = z, w
    return message
