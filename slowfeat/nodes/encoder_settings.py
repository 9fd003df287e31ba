"""What a changed parameter of the encoder does: one function each, named in the parameter's row.

Needs no ROS: the node is anything that has what these functions set.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from slowfeat.live.motion_check import MotionCheck


class Adjustable(Protocol):
    """What the functions need of the node."""

    check: MotionCheck

    def use_motions(self, flat: Any) -> None:
        """Predict for these motions, 6 numbers each."""

    def use_predictions_part(self, part: str) -> None:
        """Publish this part of each prediction."""

    def use_offset(self, asked_s: float) -> None:
        """Shift odometry by so much; not a number: as in training."""

    def use_goal_image(self, path: str) -> None:
        """Lead to the view of this image where a request has no goal."""


def motions(node: Adjustable, value: Any) -> None:
    """Motions to predict for."""
    node.use_motions(value)


def predictions_part(node: Adjustable, value: str) -> None:
    """What of each prediction is published."""
    node.use_predictions_part(value)


def goal_image(node: Adjustable, value: str) -> None:
    """Image of the goal."""
    node.use_goal_image(value)


def odom_offset(node: Adjustable, value: float) -> None:
    """Seconds added to the stamps of odometry."""
    node.use_offset(value)


def baseline(node: Adjustable, value: float) -> None:
    """Seconds between the frames of a comparison."""
    node.check.baseline_s = float(value)


def min_translation(node: Adjustable, value: float) -> None:
    """Shortest motion that is compared, m."""
    node.check.min_translation_m = float(value)


def min_rotation(node: Adjustable, value: float) -> None:
    """Smallest turn that is compared, rad."""
    node.check.min_rotation_rad = float(value)


def window(node: Adjustable, value: float) -> None:
    """Seconds that the self-check judges by."""
    node.check.self_check.window_s = float(value)


def ratio_threshold(node: Adjustable, value: float) -> None:
    """Of the median of error over expected error."""
    node.check.self_check.ratio_threshold = float(value)


def scale_threshold(node: Adjustable, value: float) -> None:
    """Of the share that another scale of the motion takes away."""
    node.check.self_check.scale_threshold = float(value)


def unseen_threshold(node: Adjustable, value: float) -> None:
    """Of what the old speed fits better, in squared expected errors."""
    node.check.self_check.unseen_threshold = float(value)


def cut_threshold(node: Adjustable, value: float) -> None:
    """Of a change of the slow code at once."""
    node.check.self_check.cut_threshold = float(value)
