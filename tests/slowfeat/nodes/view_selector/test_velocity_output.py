"""Velocities as messages, plain or stamped; after the end nothing
more, and the last one is zero.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from builtin_interfaces.msg import Time
from geometry_msgs.msg import Twist, TwistStamped

from slowfeat.live.steering import Velocity
from slowfeat.nodes.view_selector.velocity_output import BODY, VelocityOutput


class FakeNode:
    """Keeps what is published, and what was taken down."""

    def __init__(self) -> None:
        self.kind: Any = None
        self.sent: list[Any] = []
        self.gone: list[Any] = []
        now = SimpleNamespace(to_msg=lambda: Time(sec=7, nanosec=5))
        self.get_clock = lambda: SimpleNamespace(now=lambda: now)

    def create_publisher(self, kind: Any, topic: str, _depth: int) -> Any:
        self.kind = kind
        return SimpleNamespace(topic_name=f"/robot/{topic}", publish=self.sent.append)

    def destroy_publisher(self, publisher: Any) -> None:
        self.gone.append(publisher)


@pytest.mark.parametrize("stamped", [False, True])
def test_a_velocity_is_what_the_message_says(stamped: bool) -> None:
    node = FakeNode()
    output = VelocityOutput(node, stamped)
    output.send(Velocity(0.25, -0.5))
    assert output.topic == "/robot/cmd_vel"
    (message,) = node.sent
    assert node.kind is (TwistStamped if stamped else Twist)
    twist = message.twist if stamped else message
    assert (twist.linear.x, twist.angular.z) == (0.25, -0.5)
    assert (twist.linear.y, twist.angular.x) == (0.0, 0.0)
    if stamped:
        assert (message.header.frame_id, message.header.stamp.sec) == (BODY, 7)
        output.frame = "rover"
        output.zero()
        assert node.sent[-1].header.frame_id == "rover"


def test_the_last_word_is_to_stand_still_and_nothing_follows() -> None:
    node = FakeNode()
    output = VelocityOutput(node, stamped=False)
    output.send(Velocity(0.3, 0.0))
    output.close()
    output.send(Velocity(0.3, 0.0))
    assert [message.linear.x for message in node.sent] == [0.3, 0.0]
    assert len(node.gone) == 1
