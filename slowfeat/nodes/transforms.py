"""Where frames are in one another: by tf2 where tf2_ros is installed, else by /tf_static, else by
~/extrinsic alone.
"""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
from geometry_msgs.msg import TransformStamped
from rclpy.qos import DurabilityPolicy, QoSProfile

from slowfeat.geometry import Array, pose_matrix
from slowfeat.live.static_transforms import StaticTransforms


def optional(name: str) -> Any:
    """A module, or None where it is not installed: neither tf2
    package is among the wheels of ROS.
    """
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


tf2_ros = optional("tf2_ros")
tf2_msgs = optional("tf2_msgs.msg")
LATCHED = QoSProfile(depth=100, durability=DurabilityPolicy.TRANSIENT_LOCAL)


class Transforms:
    """Listens; made in activate, closed in deactivate."""

    def __init__(self, node: Any) -> None:
        self._node = node
        self._static = StaticTransforms()
        self._subscriptions: list[Any] = [
            node.create_subscription(TransformStamped, "~/extrinsic", self._take, LATCHED)
        ]
        self._buffer: Any = None
        self._listener: Any = None
        if tf2_ros is not None:
            self._buffer = tf2_ros.Buffer()
            self._listener = tf2_ros.TransformListener(self._buffer, node)
        elif tf2_msgs is not None:
            self._subscriptions.append(
                node.create_subscription(tf2_msgs.TFMessage, "/tf_static", self._take_all, LATCHED)
            )

    def _take_all(self, message: Any) -> None:
        for transform in message.transforms:
            self._take(transform)

    def _take(self, message: Any) -> None:
        T = matrix_of(message.transform)
        if T is not None:
            self._static.add(message.header.frame_id, message.child_frame_id, T)

    def lookup(self, target: str, source: str) -> Array | None:
        """Pose (4, 4) of `source` in `target`, the newest; None where nobody knows it (yet)."""
        if self._buffer is not None:
            try:
                found = self._buffer.lookup_transform(
                    target.strip("/"), source.strip("/"), tf2_ros.Time()
                )
            except tf2_ros.TransformException:
                pass
            else:
                return matrix_of(found.transform)
        return self._static.lookup(target, source)

    def close(self) -> None:
        """End the subscriptions."""
        for subscription in self._subscriptions:
            self._node.destroy_subscription(subscription)
        if self._listener is not None:
            self._listener.unregister()


def matrix_of(transform: Any) -> Array | None:
    """The pose (4, 4) of a geometry_msgs/Transform; None where it is none."""
    t, q = transform.translation, transform.rotation
    numbers = np.array([t.x, t.y, t.z, q.x, q.y, q.z, q.w])
    if not np.isfinite(numbers).all() or np.linalg.norm(numbers[3:]) < 0.5:
        return None
    return pose_matrix(numbers[:3], numbers[3:])
