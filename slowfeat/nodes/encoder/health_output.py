"""The health of odometry as a message, and the relay of odometry with covariances widened by it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from nav_msgs.msg import Odometry
from slowfeat_interfaces.msg import OdometryHealth as OdometryHealthMessage

from slowfeat.live.checked_covariance import CheckedCovariance
from slowfeat.live.motion_check import MotionCheck
from slowfeat.nodes.messages import twist_lengths
from slowfeat.nodes.output import Output

TOPIC = "~/odometry_health"
CHECKED = "odom_checked"


class HealthOutput:
    """Publishes ~/odometry_health, and odom_checked where somebody listens to it.

    Args:
        node: publishes.
        check: knows the health.
    """

    def __init__(self, node: Any, check: MotionCheck) -> None:
        self._node = node
        self._check = check
        self._health = Output(node, OdometryHealthMessage, TOPIC, 10)
        self._checked = Output(node, Odometry, CHECKED, 10)
        self._covariance = CheckedCovariance()
        self._child = ""
        self._newest = check.judge.health()
        # Position of the last relayed message, and its quaternion.
        self._last: tuple[tuple[float, ...], tuple[float, ...]] | None = None
        self._jumps = check.jumps

    def publish(self, stamp: Any = None) -> None:
        """Publish what is known now.

        Args:
            stamp: builtin_interfaces/Time of the image that was compared; None: now.
        """
        health = self._check.judge.health()
        self._newest = health
        message = OdometryHealthMessage(
            level=int(health.level),
            ratio=min(health.ratio, 1e30) if health.ratio == health.ratio else math.nan,
            scale=health.scale,
            scale_gain=health.scale_gain,
            window=health.window_s,
            comparisons=health.comparisons,
            left_out=health.left_out,
            sentence=health.sentence,
        )
        message.header.stamp = stamp or self._node.get_clock().now().to_msg()
        message.header.frame_id = self._child
        self._health.publish(message)

    def relay(self, odometry: Any) -> None:
        """Pass on a message of odometry that can be used, with covariances
        that say what is known of it.
        """
        self._child = odometry.child_frame_id
        if self._checked.get_subscription_count() == 0:
            self._last = None
            return
        p, q = odometry.pose.pose.position, odometry.pose.pose.orientation
        place = ((p.x, p.y, p.z), (q.x, q.y, q.z, q.w))
        if self._jumps != self._check.jumps:
            self._jumps, self._last = self._check.jumps, None
            self._covariance.clear()
        last = self._last or place
        dot = min(abs(sum(a * b for a, b in zip(last[1], place[1], strict=True))), 1.0)
        step = (math.dist(last[0], place[0]), 2 * math.acos(dot))
        self._last = place
        pose, twist = self._covariance.widen(
            self._newest,
            np.array(odometry.pose.covariance).reshape(6, 6),
            np.array(odometry.twist.covariance).reshape(6, 6),
            twist_lengths(odometry.twist.twist),
            step,
        )
        checked = Odometry(header=odometry.header, child_frame_id=odometry.child_frame_id)
        checked.pose.pose, checked.twist.twist = odometry.pose.pose, odometry.twist.twist
        checked.pose.covariance = pose.ravel()
        checked.twist.covariance = twist.ravel()
        self._checked.publish(checked)

    def close(self) -> None:
        """Take the publishers down."""
        self._health.close()
        self._checked.close()
