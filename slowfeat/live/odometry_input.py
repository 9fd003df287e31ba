"""What the view selector believes of odometry: whether it comes, in time and in order, and without
a jump.

Times are s of this machine's own clock, stamps ns of the robot's. Knows no ROS.
"""

from __future__ import annotations

import math
from collections import deque
from typing import NamedTuple

import numpy as np

from slowfeat.geometry import Array, body_pose, pose_matrix, quaternion_from_matrix
from slowfeat.jump_watch import JumpWatch
from slowfeat.odometry import why_unusable
from slowfeat.odometry_jumps import Bounds

# So many messages that could not be used within BAD_S end a motion; a single one does not.
MOST_BAD = 2
BAD_S = 0.3
# After a jump no motion begins for so long: odometry must be calm, s.
CALM_S = 1.0


class OdometryMessage(NamedTuple):
    """One message of odometry."""

    stamp_ns: int
    # (4, 4) pose of the body.
    T_odom_body: Array
    # The pose as it stands in the message, of the child: (3,) m, (4,) [x y z w] of length one.
    position: tuple[float, ...]
    quaternion: tuple[float, ...]
    # Names of the fixed frame and of the child.
    frames: tuple[str, str] = ("", "")
    # Lengths of its linear and angular twist, m/s and rad/s; None: it has none.
    twist: tuple[float, float] | None = None

    @classmethod
    def of_pose(cls, stamp_ns: int, T_odom_body: Array) -> OdometryMessage:
        """With nothing but a pose (4, 4) of the body."""
        position, q = T_odom_body[:3, 3], quaternion_from_matrix(T_odom_body[:3, :3])
        return cls(stamp_ns, T_odom_body, tuple(position.tolist()), tuple(q.tolist()))


def read_odometry(
    stamp_ns: int,
    position: tuple[float, float, float],
    quaternion: tuple[float, float, float, float],
    frames: tuple[str, str],
    twist: tuple[float, float] | None,
    T_child_body: Array | None = None,
) -> OdometryMessage | str:
    """A message that can be used, or why it cannot.

    Arguments as in `OdometryMessage`, the quaternion of about length one; T_child_body (4, 4):
    where the body is in the child's frame, None: the child is the body, with optical axes where its
    name says so.
    """
    reason = why_unusable(stamp_ns, position, quaternion)
    if reason is not None:
        return reason
    T_odom_child = pose_matrix(position, quaternion)
    if T_child_body is None:
        T_odom_body = body_pose(T_odom_child, frames[1])
    else:
        T_odom_body = T_odom_child @ T_child_body
    norm = math.hypot(*quaternion)
    unit = tuple(value / norm for value in quaternion)
    return OdometryMessage(stamp_ns, T_odom_body, position, unit, frames, twist)


class OdometryInput:
    """Takes messages in; says what is wrong with them, in words."""

    def __init__(self) -> None:
        self.pose: Array | None = None
        # The newest pose before the last jump.
        self.pose_before: Array | None = None
        self.stamp_ns = 0
        self.heard_s = -np.inf
        self.jumped_s = -np.inf
        self._watch = JumpWatch()
        self._bad: deque[float] = deque(maxlen=MOST_BAD)

    def take(self, message: OdometryMessage, now_s: float, limits: Bounds | None) -> str:
        """Take in a message; returns what jumped, or nothing.

        Args:
            message: finite, with a stamp.
            now_s: when it came.
            limits: what the robot is commanded within just now; None: it is not commanded here.
        """
        look = self._watch.look(
            message.stamp_ns,
            message.position,
            message.quaternion,
            message.frames,
            message.twist,
            now_s,
            limits,
        )
        if look.unused:
            if message.stamp_ns < self.stamp_ns:
                self.take_bad(now_s)
            return ""
        if look.jump:
            self.jumped_s, self.pose_before = now_s, self.pose
        self.pose, self.stamp_ns, self.heard_s = message.T_odom_body, message.stamp_ns, now_s
        return look.jump

    def take_bad(self, now_s: float) -> None:
        """A message came that cannot be used."""
        self._bad.append(now_s)

    def lost(self, now_s: float, timeout_s: float) -> str:
        """Why no motion may go on by it just now; empty where it may."""
        if self.pose is None:
            return "no odometry comes"
        if now_s - self.heard_s > timeout_s:
            return f"odometry has not come for {now_s - self.heard_s:.2f} s"
        if len(self._bad) == MOST_BAD and now_s - self._bad[0] < BAD_S:
            return (
                "odometry messages cannot be used, or their stamps go back and forth (two "
                "publishers on one topic?)"
            )
        return ""

    def calm(self, now_s: float) -> bool:
        """Whether it has not jumped lately."""
        return now_s - self.jumped_s >= CALM_S
