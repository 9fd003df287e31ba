"""What a changed parameter of the view selector does: one function each, named in its row.

Needs no ROS. Parameters without a function are read where they are needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from slowfeat.live.view_loop import LoopSettings


class Adjustable(Protocol):
    """What the functions need of the node."""

    settings: LoopSettings


def max_speed(node: Adjustable, value: float) -> None:
    """m/s, both ways."""
    node.settings.limits.speed = float(value)


def max_turn_rate(node: Adjustable, value: float) -> None:
    """rad/s, both ways."""
    node.settings.limits.turn_rate = float(value)


def max_move_time(node: Adjustable, value: float) -> None:
    """Seconds after which a motion is given up."""
    node.settings.limits.time_s = float(value)


def tolerance_m(node: Adjustable, value: float) -> None:
    """Near enough, m."""
    node.settings.limits.tolerance_m = float(value)


def tolerance_rad(node: Adjustable, value: float) -> None:
    """Near enough, rad."""
    node.settings.limits.tolerance_rad = float(value)


def blocked(node: Adjustable, value: float) -> None:
    """Seconds of commands without motion that mean an obstacle."""
    node.settings.limits.blocked_s = float(value)


def stalled(node: Adjustable, value: float) -> None:
    """The same once the robot has moved."""
    node.settings.limits.stalled_s = float(value)


def path_margin(node: Adjustable, value: float) -> None:
    """Share that may be commanded beyond the path."""
    node.settings.limits.path_margin = float(value)


def odom_timeout(node: Adjustable, value: float) -> None:
    """Seconds after which odometry has stopped."""
    node.settings.odom_timeout_s = float(value)


def decision_timeout(node: Adjustable, value: float) -> None:
    """Seconds without a decision after which the node warns."""
    node.settings.decision_timeout_s = float(value)


def settle(node: Adjustable, value: float) -> None:
    """Seconds from the end of a motion to the first view that counts."""
    node.settings.settle_s = float(value)


def allow_outside_range(node: Adjustable, value: bool) -> None:
    """Whether motions outside the trained range may be chosen."""
    node.settings.allow_outside_range = bool(value)


def stop_when_none_better(node: Adjustable, value: bool) -> None:
    """Whether to stop when no motion is better than staying."""
    node.settings.stop_when_none_better = bool(value)


def max_moves(node: Adjustable, value: int) -> None:
    """Motions after which to stop; 0: never."""
    node.settings.max_moves = int(value)
