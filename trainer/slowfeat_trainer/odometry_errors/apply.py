"""Poses of a drive without the errors of its odometry, and with the turns that its images show
where these are better.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from slowfeat.geometry import Array, relative_motion
from slowfeat.odometry import NS, Stamps
from slowfeat.odometry_model import OdometryModel, chained, correct, turned_more
from slowfeat_trainer.data.odometry_estimate import OdometryEstimate
from slowfeat_trainer.data.recording import Camera
from slowfeat_trainer.odometry_errors.look import adjacent_pairs, look

# Fused by itself from this noise on, radians rms over half a second, where the images are at least
# so many times better.
NOISY, BETTER = math.radians(3.0), 2.0
# A pair of images counts for nothing where its flow is known this much worse than usual.
LEAST_WEIGHT = 0.1


@dataclass(frozen=True)
class Applied:
    """Poses as they are used, and how they came about."""

    # (N, 4, 4) of the body.
    poses: Array
    # "odometry", "pictures" or "fused".
    motion: str
    # Standard deviation of their turns after one second, radians.
    noise_rad_sqrt_s: float


def choose_motion(wanted: str, found: OdometryEstimate, model: OdometryModel) -> str:
    """Whose turns are used: "odometry", "pictures" or "fused"."""
    if wanted != "auto":
        return wanted
    half_second = float(model.yaw_noise(0.5))
    is_worse = model.noise_rad_sqrt_s > BETTER * found.seen_noise_rad_sqrt_s
    return "fused" if found.is_known and half_second > NOISY and is_worse else "odometry"


def apply_model(
    poses: Array,
    stamps: Stamps,
    piece: npt.NDArray[np.int32],
    model: OdometryModel,
    motion: str,
    seen: tuple[npt.NDArray[np.uint8], Camera, float],
) -> Applied:
    """Poses of frames as they are used.

    Args:
        poses: (N, 4, 4) of the body by its odometry, the delay taken out.
        stamps: (N,) ns.
        piece: (N,) changes where no motion is known from one pose to the next.
        model: of the odometry, to apply.
        motion: "odometry", "pictures" or "fused".
        seen: the frames (N, H, W, 3), their camera, and radians after one second by which turns
            seen are uncertain.
    """
    if motion == "odometry" and not model.changes_motions:
        return Applied(poses, motion, model.noise_rad_sqrt_s)
    steps = correct(relative_motion(poses[:-1], poses[1:]), np.diff(stamps) / NS, model)
    noise = model.noise_rad_sqrt_s
    if motion != "odometry":
        frames, camera, seen_noise = seen
        trust = 1.0
        if motion == "fused":
            # By their variances, which both grow with time.
            trust = noise**2 / max(noise**2 + seen_noise**2, 1e-12)
        steps = turned_more(steps, _added(frames, stamps, piece, camera, steps, trust))
        noise = seen_noise if motion == "pictures" else seen_noise * math.sqrt(trust)
    return Applied(chained(poses, steps, piece), motion, noise)


def _added(
    frames: npt.NDArray[np.uint8],
    stamps: Stamps,
    piece: npt.NDArray[np.int32],
    camera: Camera,
    steps: Array,
    trust: float,
) -> Array:
    """Radians (N - 1,) to add to the turn of each step, so that they
    come to what the images show.
    """
    before, after = adjacent_pairs(stamps)
    whole = piece[before] == piece[after]
    before, after = before[whole], after[whole]
    seen = look(frames, stamps, camera, (before, after))
    turned = np.concatenate([[0.0], np.cumsum(steps[:, 5])])
    missing = seen.yaw - (turned[after] - turned[before])
    missing *= np.where(seen.weight > LEAST_WEIGHT, trust, 0.0)
    # Evenly over the time between the two images.
    rate = np.zeros(len(steps))
    for a, b, more, seconds in zip(before, after, missing, seen.end - seen.start, strict=True):
        rate[a:b] = more / seconds
    return np.asarray(rate * np.diff(stamps) / NS)
