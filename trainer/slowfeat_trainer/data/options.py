"""What a user can say of how a bag is read."""

from __future__ import annotations

from dataclasses import dataclass

from slowfeat.errors import SlowfeatError, UsageError
from slowfeat.scaled_decoding import RULES, SCALED, WHOLE
from slowfeat.schema import build

MOTIONS = ("auto", "odometry", "pictures", "fused")


@dataclass(frozen=True)
class IngestOptions:
    """How bags are read; saved whole in dataset.json."""

    # Image topic; None finds the only one.
    image_topic: str | None = None
    # Topic of the motion (odometry, tf, pose, twist or Ackermann commands); None finds it.
    odom_topic: str | None = None
    # Frame that stays in place, for /tf; None: "odom".
    fixed_frame: str | None = None
    # Frame whose motion it is, for /tf and for topics that do not say; None: what the topic says.
    body_frame: str | None = None
    # Pose of the camera's frame in the body [x y z m, qx qy qz qw]; None looks in /tf_static.
    extrinsic: tuple[float, ...] | None = None
    # Distance between the axles in metres, for Ackermann commands.
    wheelbase_m: float | None = None
    # Size (height, width) in pixels to which frames are stretched.
    image_size: tuple[int, int] = (64, 64)
    # Share cut off the top, right, bottom and left of each image before it is resized.
    crop: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    # By which rule of slowfeat.scaled_decoding JPEGs are decoded: "scaled" (no larger than
    # image_size needs) or "whole".
    decoding: str = SCALED
    # At most this many frames a second are kept; None keeps all.
    rate_hz: float | None = None
    # Frames are kept when the body has moved this far or turned this much since the last one kept;
    # with both at zero all are kept.
    min_move_m: float = 0.0
    min_turn_rad: float = 0.0
    # Seconds added to the odometry's stamps, for clocks that disagree; None finds them from the
    # images, where these are sure.
    odom_offset_s: float | None = None
    # Warn where the images do not show the offset.
    odom_offset_auto: bool = False
    # Whose turns are used: "odometry", "pictures" (where they can be matched), "fused"; "auto" is
    # the odometry, or both fused where its noise is clearly worse.
    motion: str = "auto"
    # Leave the odometry as it is, whatever the images say of its delay, sign, scale and bias.
    trust_odometry: bool = False
    # Poses further apart than this are not interpolated, seconds.
    max_odom_gap_s: float = 0.5

    def validate(self) -> None:
        """Refuse settings that cannot work, before any work is done.

        Raises:
            UsageError: naming the flag and its bounds.
        """
        top, right, bottom, left = self.crop
        checks: list[tuple[str, float, float, float]] = [
            ("--size height", self.image_size[0], 8, 2048),
            ("--size width", self.image_size[1], 8, 2048),
            ("--crop top and bottom together", top + bottom, 0.0, 0.9),
            ("--crop right and left together", right + left, 0.0, 0.9),
            ("--crop", min(self.crop), 0.0, 0.9),
            ("--rate", 1.0 if self.rate_hz is None else self.rate_hz, 0.01, 1000.0),
            ("--min-move", self.min_move_m, 0.0, 1000.0),
            ("--min-turn", self.min_turn_rad, 0.0, 3.15),
            ("--wheelbase", 1.0 if self.wheelbase_m is None else self.wheelbase_m, 0.01, 100.0),
            ("--odom-offset", self.odom_offset_s or 0.0, -1e10, 1e10),
            ("--max-odom-gap", self.max_odom_gap_s, 0.001, 60.0),
        ]
        for name, value, low, high in checks:
            if not low <= value <= high:
                raise UsageError(f"{name} is {value:g}; it must lie within [{low:g}, {high:g}]")
        if self.decoding not in RULES:
            raise UsageError(
                f"--decoding {self.decoding} is unknown to this slowfeat; there are "
                f"{', '.join(RULES)}"
            )
        if self.motion not in MOTIONS:
            raise UsageError(f"--motion {self.motion} is unknown; there are {', '.join(MOTIONS)}")
        if self.trust_odometry and self.motion in ("pictures", "fused"):
            raise UsageError(
                f"--trust-odometry leaves the odometry as it is, --motion {self.motion} does not; "
                "choose one of them"
            )


def options_from(stored: object, where: str, error: type[SlowfeatError]) -> IngestOptions:
    """Options as they stand in JSON or YAML, where tuples are lists.

    Args:
        stored: the options.
        where: names the file in errors.
        error: what is raised.

    Raises:
        SlowfeatError: of that class; an option is unknown, or of the wrong type.
    """
    return build(IngestOptions, completed(stored), where, error, exact=True)


def completed(stored: object) -> object:
    """Stored options with what those of before do not name: they decoded every image whole."""
    return {"decoding": WHOLE, **stored} if isinstance(stored, dict) else stored


@dataclass(frozen=True)
class SplitRule:
    """Which frames are for training, calibration and test."""

    # "time": the end of each bag is for the test; "bag": whole bags are.
    by: str = "time"
    # Share of the frames (or bags) that is held out for the figures.
    test: float = 0.4
    # Share of the rest that chooses strengths and calibrates the expected error.
    calibration: float = 0.2

    def validate(self) -> None:
        """Refuse what cannot work.

        Raises:
            UsageError: naming the bounds.
        """
        if self.by not in ("time", "bag"):
            raise UsageError(f"--split {self.by} is unknown; there are time, bag")
        if not (0 <= self.test <= 0.9 and 0.05 <= self.calibration <= 0.5):
            raise UsageError(
                f"test share {self.test} and calibration share {self.calibration} must lie within "
                "[0, 0.9] and [0.05, 0.5]"
            )
