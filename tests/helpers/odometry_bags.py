"""Bags of odometry with single messages changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rosbags.rosbag2 import Writer

from tests.helpers.bag_factory import NS, START_S, STORE, BagRecipe, odometry_message
from tests.helpers.motion_bags import make_motion_bag

ODOMETRY = "nav_msgs/msg/Odometry"


def odometry_with(path: Path, changes: dict[int, Any]) -> Path:
    """Forty odometry messages at 20 Hz; those in `changes` are changed by a
    function or replaced by bytes.
    """

    def fill(writer: Writer, _: BagRecipe) -> None:
        connection = writer.add_connection("/odom", ODOMETRY, typestore=STORE)
        for k in range(40):
            stamp = START_S * NS + k * NS // 20
            message = odometry_message(stamp, k * 0.01, 0.0, "base_link")
            change = changes.get(k)
            if isinstance(change, bytes):
                writer.write(connection, stamp, change)
                continue
            if change is not None:
                change(message)
            writer.write(connection, stamp, STORE.serialize_cdr(message, ODOMETRY))

    return make_motion_bag(path, fill)


def set_x(x: float) -> Any:
    return lambda message: setattr(message.pose.pose.position, "x", x)
