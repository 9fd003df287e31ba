"""A bag as the trainer sees it: small frames, each with the pose of the body at its stamp."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from slowfeat.geometry import Array
from slowfeat.odometry import Stamps
from slowfeat.odometry_model import OdometryModel
from slowfeat_trainer.data.clock_offset import UNKNOWN, ClockOffset
from slowfeat_trainer.data.odometry_estimate import OdometryEstimate


@dataclass
class Camera:
    """What the bag says of its camera."""

    # Frame of the images' headers.
    frame: str = ""
    # Width and height of the images as recorded, pixels.
    size: tuple[int, int] = (0, 0)
    # Encoding of the images as recorded.
    encoding: str = ""
    # Horizontal field of view of the whole image in radians, from camera_info; None without one.
    # Of a lens that bends it is that of the image without its distortion.
    horizontal_fov: float | None = None
    # Pose of the camera's frame in the body [x y z m, qx qy qz qw]; None where it is unknown.
    extrinsic: list[float] | None = None
    # Of a lens that bends: focal lengths in half widths and half heights of the image, and the
    # bend (models.camera_model); None for a pinhole, or where it is unknown.
    lens: list[float] | None = None
    # Of images of 16-bit channels so many bits are used (slowfeat.bit_depth).
    bits: int = 16


@dataclass
class Recording:
    """The usable frames of one bag, in the order of their stamps."""

    path: Path
    # Of the bag's storage files, and of the frames' bytes where they are known.
    sha256: str
    # (N, H, W, 3) uint8 RGB, memory-mapped where it belongs to a dataset.
    frames: npt.NDArray[np.uint8]
    # (N,) ns.
    stamps: Stamps
    # (N, 4, 4) pose of the body, REP-103 axes, in the frame of the odometry.
    poses: Array
    # (N,) from one episode to the next the odometry jumped: no motion is known across.
    episode: npt.NDArray[np.int32]
    camera: Camera
    body_frame: str
    image_topic: str
    odom_topic: str
    frames_sha256: str = ""
    # Kind of the source of motion: odometry, tf, pose, twist, ...
    motion_kind: str = "odometry"
    fixed_frame: str = "odom"
    # What the images say of the clocks, and the seconds that were added to the odometry's stamps.
    clock: ClockOffset = UNKNOWN
    odom_offset_s: float = 0.0
    # What the images say of the odometry, and what of that was applied to the poses.
    estimate: OdometryEstimate = field(default_factory=OdometryEstimate)
    odometry: OdometryModel = field(default_factory=OdometryModel)
    # Whose turns the poses have: "odometry", "pictures", or both "fused"; and their standard
    # deviation after one second, radians.
    motion: str = "odometry"
    motion_noise_rad_sqrt_s: float = 0.0
    # Messages that were not used, by reason.
    dropped: Counter[str] = field(default_factory=Counter)
    # What a user should know of how the bag was read.
    warnings: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.stamps)

    @property
    def key(self) -> int:
        """A number below 2^56 that distinguishes this bag from others."""
        return int.from_bytes(hashlib.sha256(self.sha256.encode()).digest()[:7])

    @property
    def seconds(self) -> float:
        """Time from the first frame to the last."""
        return float(self.stamps[-1] - self.stamps[0]) / 1e9 if len(self) else 0.0
