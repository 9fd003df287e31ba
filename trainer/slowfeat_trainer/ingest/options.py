"""What a user can say of how a bag is read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class IngestOptions:
    """How bags are read; saved whole in dataset.json."""

    # Image topic; None finds the only one.
    image_topic: str | None = None
    # Topic that tells the motion (odometry, tf, pose, twist or Ackermann commands); None finds it.
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
    # Share cut off the top, right, bottom and left of each picture before it is resized.
    crop: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    # At most this many frames a second are kept; None keeps all.
    rate_hz: float | None = None
    # Frames are kept when the body has moved this far or turned this much since the last one kept;
    # with both at zero all are kept.
    min_move_m: float = 0.0
    min_turn_rad: float = 0.0
    # Seconds added to the odometry's stamps, for clocks that disagree.
    odom_offset_s: float = 0.0
    # Find the offset from the images instead, where they tell one.
    odom_offset_auto: bool = False
    # Poses further apart than this are not interpolated, seconds.
    max_odom_gap_s: float = 0.5
