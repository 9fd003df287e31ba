"""A bag that needs no simulator: a robot that turns before a painted wall, in JPEGs."""

from __future__ import annotations

import math
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from slowfeat_trainer.simulation.bag_messages import Twist
from slowfeat_trainer.simulation.doom_camera import Camera
from slowfeat_trainer.simulation.drive import START_NS
from slowfeat_trainer.simulation.recorder import record
from slowfeat_trainer.simulation.world import Pose

ODOMETRY_PER_FRAME = 2
STILL = Twist(0.0, 0.0, 0.0, 0.0)


class AnySize(Camera):
    """A camera of any size: its images are painted here, not rendered."""

    def __post_init__(self) -> None:
        """Nothing is refused."""


def make_bag(
    path: Path, frames: int, size: tuple[int, int] = (320, 240), rate: float = 10.0
) -> Path:
    """Write a bag of so many images of `size` = (width, height); returns its folder."""
    camera = AnySize(*size)
    width, height = size
    wall = _wall(width, height)
    tic_ns = round(1e9 / (rate * ODOMETRY_PER_FRAME))
    with record(path, camera, storage="mcap", jpeg_quality=90) as recorder:
        recorder.static_transforms(START_NS)
        # One more than the frames need: odometry lies on both sides of every image.
        for tic in range(frames * ODOMETRY_PER_FRAME + 1):
            stamp = START_NS + tic * tic_ns
            seconds = tic * tic_ns / 1e9
            yaw = 0.8 * math.sin(1.3 * seconds) + 0.3 * math.sin(0.37 * seconds + 1)
            recorder.odometry(stamp, Pose(0.4 * seconds, 0.0, 0.0, yaw), STILL)
            if tic % ODOMETRY_PER_FRAME == 0 and tic < frames * ODOMETRY_PER_FRAME:
                left = round(wall.shape[1] / 2 - width / 2 - camera.focal_px * yaw)
                recorder.picture(stamp, np.ascontiguousarray(wall[:, left : left + width]))
    return path


def _wall(image_width: int, height: int) -> npt.NDArray[np.uint8]:
    """(height, 4 width, 3): smooth, with some noise, so that it
    compresses like a camera's image.
    """
    rng = np.random.default_rng(0)
    width = 4 * image_width
    coarse = rng.integers(0, 256, (height // 20 + 2, width // 20 + 2, 3), dtype=np.uint8)
    smooth = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC).astype(np.int16)
    noisy = np.clip(smooth + rng.integers(-4, 5, smooth.shape), 0, 255)
    return np.asarray(noisy, dtype=np.uint8)
