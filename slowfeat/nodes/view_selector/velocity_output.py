"""cmd_vel, as Twist or TwistStamped; may be called from any thread."""

from __future__ import annotations

import threading
from typing import Any

from geometry_msgs.msg import Twist, TwistStamped

from slowfeat.live.steering import STILL, Velocity

# Frame of the velocities until odometry names the robot's own: the body's, by REP-103.
BODY = "base_link"


class VelocityOutput:
    """Publishes velocities on `cmd_vel`.

    Args:
        node: publishes.
        stamped: TwistStamped, not Twist.
    """

    def __init__(self, node: Any, stamped: bool) -> None:
        self._node = node
        self._stamped = stamped
        self._lock = threading.Lock()
        self._publisher: Any = node.create_publisher(
            TwistStamped if stamped else Twist, "cmd_vel", 10
        )
        self.topic: str = self._publisher.topic_name
        # Of the velocities; the robot's own once odometry has named it.
        self.frame = BODY

    def send(self, velocity: Velocity) -> None:
        """Command a velocity."""
        twist = Twist()
        twist.linear.x, twist.angular.z = float(velocity.forward), float(velocity.turn)
        message: Any = twist
        if self._stamped:
            message = TwistStamped(twist=twist)
            message.header.stamp = self._node.get_clock().now().to_msg()
            message.header.frame_id = self.frame
        with self._lock:
            # The dead man's thread may come late.
            if self._publisher is not None:
                self._publisher.publish(message)

    def zero(self) -> None:
        """Command to stand still."""
        self.send(STILL)

    def close(self) -> None:
        """Stand still, and take the publisher down."""
        self.zero()
        with self._lock:
            publisher, self._publisher = self._publisher, None
        self._node.destroy_publisher(publisher)
