"""The parameters of the encoder node: one table for declaring, checking and documenting them.

Needs no ROS to be read, so that the documentation page can be made anywhere; `declare` needs rclpy.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from slowfeat.live.prediction_reply import WHOLE
from slowfeat.nodes import encoder_settings
from slowfeat.rectify import MODES

Value: TypeAlias = "bool | int | float | str | Sequence[float]"

# When a parameter may be changed, from any time to never.
AT_ONCE = "at once"
WHILE_INACTIVE = "while inactive"
WHILE_UNCONFIGURED = "while unconfigured"
AT_START = "at start only"
# More motions for every frame than this is a mistake; a request to ~/predict may have more.
MAX_MOTIONS_A_FRAME = 10_000


@dataclass(frozen=True)
class NodeParameter:
    """One row of the table."""

    name: str
    default: Value
    # What it does, with its unit.
    description: str
    # When it may be changed: one of the four above.
    change: str = AT_ONCE
    # Smallest and largest value, both allowed.
    bounds: tuple[float, float] | None = None
    choices: tuple[str, ...] = ()
    # An array holds whole groups of this many numbers.
    group: int = 1
    # What a change, and the first value, do: called with the node and the value. None: it is read
    # where it is needed.
    apply: Callable[[Any, Any], None] | None = None

    @property
    def type_name(self) -> str:
        """The parameter's type as ROS names it."""
        if isinstance(self.default, bool):
            return "bool"
        names = {int: "integer", float: "double", str: "string"}
        return names.get(type(self.default), "double array")

    @property
    def constraint(self) -> str:
        """The allowed values in words; empty where any value of the type will do."""
        if self.bounds is not None:
            return f"[{self.bounds[0]}, {self.bounds[1]}]"
        if self.choices:
            return ", ".join(self.choices)
        return f"{self.group} numbers each" if self.group > 1 else ""

    def why_wrong(self, value: Any) -> str | None:
        """What is wrong with a value of the right type, in one line; None when nothing is."""
        about = f"Value {value} in parameter '{self.name}' must be"
        if self.default != self.default and value != value:
            return None  # not a number, where that means: by itself
        if self.bounds is not None and not self.bounds[0] <= value <= self.bounds[1]:
            return f"{about} within bounds {self.constraint}"
        if self.choices and value not in self.choices:
            return f"{about} one of {self.constraint}"
        if self.type_name == "double array":
            return self._why_wrong_array(value)
        return None

    def _why_wrong_array(self, value: Any) -> str | None:
        # The table's arrays are declared with a free type (see declare), so that is checked here.
        if isinstance(value, (str, bytes, bool, int, float)) or not all(
            isinstance(item, (int, float)) and not isinstance(item, bool) for item in value
        ):
            return f"Parameter '{self.name}' must be an array of numbers"
        if len(value) > MAX_MOTIONS_A_FRAME * self.group:
            return (
                f"Parameter '{self.name}' holds {len(value)} numbers; "
                f"give at most {MAX_MOTIONS_A_FRAME * self.group}"
            )
        if len(value) % self.group:
            return (
                f"Parameter '{self.name}' holds {len(value)} numbers, which is not a multiple of "
                f"{self.group}: [x y z m, rotation vector rad] for each motion"
            )
        if not all(math.isfinite(item) for item in value):
            return f"Values in parameter '{self.name}' must be finite"
        return None


ENCODER_PARAMETERS = (
    NodeParameter(
        "model",
        "",
        "The bundle or run folder to use: absolute, relative to the working directory, or "
        "package://NAME/PATH.",
        WHILE_UNCONFIGURED,
    ),
    NodeParameter(
        "execution_provider",
        "auto",
        "What ONNX Runtime runs on; auto takes CUDA where it is installed, else the CPU. Where "
        "CUDA is installed but does not work, auto warns and takes the CPU, cuda and tensorrt are "
        "errors.",
        WHILE_UNCONFIGURED,
        choices=("auto", "cpu", "cuda", "tensorrt"),
    ),
    NodeParameter(
        "threads",
        0,
        "CPU threads of one inference; 0 leaves the choice to the engine.",
        WHILE_UNCONFIGURED,
        bounds=(0, 256),
    ),
    NodeParameter(
        "image_transport",
        "raw",
        "raw subscribes `image` (sensor_msgs/Image); compressed subscribes `image/compressed` "
        "(sensor_msgs/CompressedImage).",
        WHILE_INACTIVE,
        choices=("raw", "compressed"),
    ),
    NodeParameter(
        "rectify",
        "none",
        "undistort takes the lens's distortion out by `camera_info`; match also crops or pads to "
        "the field of view of the bundle's training camera. Bundles are trained on frames as the "
        "bag has them: undistort where the bag's were rectified and these are not.",
        WHILE_INACTIVE,
        choices=MODES,
    ),
    NodeParameter(
        "queue_depth",
        1,
        "Frames that may wait for inference; when it is full the oldest is dropped and counted. "
        "1 keeps the latency of a live camera smallest; take more where every frame of a replayed "
        "bag counts.",
        WHILE_INACTIVE,
        bounds=(1, 10000),
    ),
    NodeParameter(
        "motions",
        (),
        "Motions to predict for every frame, 6 numbers each: x, y, z in m and a rotation vector in "
        "rad, of the body after seen from the body before (x forward, y left, z up). Empty: the "
        "bundle's motion patterns. ~/motions sets them too; what came last counts.",
        group=6,
        apply=encoder_settings.motions,
    ),
    NodeParameter(
        "predictions_part",
        WHOLE,
        "What ~/predictions holds of each embedding: whole, the name of one of the bundle's slices "
        "(map, slow), or scores: the expected errors alone. 100 motions of the default bundle are "
        "1 MB a frame whole.",
        apply=encoder_settings.predictions_part,
    ),
    NodeParameter(
        "memory",
        "",
        "Folder of a labelled memory (slowfeat remember makes one), which ~/select_view needs to "
        "look for what is labelled: a path as for model. It must be of the same bundle.",
        WHILE_UNCONFIGURED,
    ),
    NodeParameter(
        "goal_image",
        "",
        "Image file of the view that ~/select_view leads to where a request has no goal of its "
        "own: a path as for model. It is taken as it is, so as frames are after rectify.",
        apply=encoder_settings.goal_image,
    ),
    NodeParameter(
        "check_baseline_s",
        0.5,
        "Time between the two frames of which ~/equivariance_error compares the predicted and the "
        "seen embedding, s.",
        bounds=(0.05, 5.0),
        apply=encoder_settings.baseline,
    ),
    NodeParameter(
        "check_min_translation_m",
        0.02,
        "~/equivariance_error leaves out motions shorter than this, m, that also turn less than "
        "check_min_rotation_rad.",
        bounds=(0.0, 10.0),
        apply=encoder_settings.min_translation,
    ),
    NodeParameter(
        "check_min_rotation_rad",
        0.02,
        "See check_min_translation_m; rad.",
        bounds=(0.0, 3.14),
        apply=encoder_settings.min_rotation,
    ),
    NodeParameter(
        "lost_share_warning",
        0.2,
        "The node warns when a greater share of the images of the last 10 s was lost on its way, "
        "or dropped because inference was busy.",
        bounds=(0.0, 1.0),
    ),
    NodeParameter(
        "check_window_s",
        1.5,
        "The self-check judges by the comparisons of so many seconds; longer is slower to notice "
        "and less often wrong.",
        bounds=(0.5, 600.0),
        apply=encoder_settings.window,
    ),
    NodeParameter(
        "check_ratio_threshold",
        2.5,
        "The self-check warns when the median of error / expected error is above this.",
        bounds=(1.0, 1e6),
        apply=encoder_settings.ratio_threshold,
    ),
    NodeParameter(
        "check_scale_threshold",
        0.6,
        "The self-check warns when another scale of the odometry's motion takes away more than "
        "this share of the squared error; 1 never warns.",
        bounds=(0.0, 1.0),
        apply=encoder_settings.scale_threshold,
    ),
    NodeParameter(
        "check_unseen_threshold",
        0.15,
        "The self-check warns when odometry changes its speed and the old speed fits the images "
        "better by more than this, three comparisons in a row, in squared expected errors.",
        bounds=(0.0, 1e6),
        apply=encoder_settings.unseen_threshold,
    ),
    NodeParameter(
        "check_cut_threshold",
        1.4,
        "The self-check warns when the slow code of the view changes at once by more than this "
        "(the robot was carried away).",
        bounds=(0.0, 1e6),
        apply=encoder_settings.cut_threshold,
    ),
    NodeParameter(
        "odom_offset_s",
        math.nan,
        "Added to the stamps of odometry, s, where it is late or its clock differs. nan (.nan in "
        "YAML): what training added, by bundle.json; slowfeat inspect reports it for other bags.",
        bounds=(-5.0, 5.0),
        apply=encoder_settings.odom_offset,
    ),
    NodeParameter(
        "autostart",
        True,
        "Configure and activate at start; with false, lifecycle transitions do it.",
        AT_START,
    ),
)


def parameter_table(parameters: Sequence[NodeParameter] = ENCODER_PARAMETERS) -> str:
    """The table as Markdown, for the documentation page."""
    lines = [
        "| parameter | type | default | allowed | may change | what it does |",
        "|---|---|---|---|---|---|",
    ]
    for row in parameters:
        default = f"`{list(row.default)}`" if row.default == () else f"`{row.default!r}`"
        cells = [f"`{row.name}`", row.type_name, default, row.constraint or "any", row.change]
        lines.append("| " + " | ".join([*cells, row.description]) + " |")
    return "\n".join(lines) + "\n"


def declare(
    node: Any,
    parameters: Sequence[NodeParameter],
    why_not_now: Callable[[NodeParameter], str | None],
) -> None:
    """Declare the table's parameters on a node and watch over their changes.

    Args:
        node: an rclpy node.
        parameters: the table.
        why_not_now: why a parameter may not be changed in the node's present state; None if it may.

    Raises:
        rclpy.exceptions.ParameterException: a value given at start is wrong; the text says how.
    """
    from rcl_interfaces.msg import ParameterDescriptor, SetParametersResult

    rows = {row.name: row for row in parameters}

    def check(changed: list[Any]) -> Any:
        ours = [(rows[item.name], item.value) for item in changed if item.name in rows]
        for row, value in ours:
            reason = row.why_wrong(value)
            if reason is None and node.has_parameter(row.name):
                reason = why_not_now(row)
            if reason is not None:
                return SetParametersResult(successful=False, reason=reason)
        for row, value in ours:
            if row.apply is not None:
                row.apply(node, value)
        return SetParametersResult(successful=True)

    node.add_on_set_parameters_callback(check)
    for row in parameters:
        is_array = row.type_name == "double array"
        descriptor = ParameterDescriptor(
            name=row.name,
            description=row.description,
            additional_constraints=row.constraint,
            read_only=row.change == AT_START,
            # rclpy takes an empty array for one of bytes and [1, 0] for one of integers: let any
            # type in and check it ourselves.
            dynamic_typing=is_array,
        )
        node.declare_parameter(row.name, list(row.default) if is_array else row.default, descriptor)  # type: ignore[arg-type]
