"""The lens that a calibration describes, as the unified camera model says it.

ROS describes distortion by polynomials, which have no inverse in closed form; the model that the
warp is made of has one, with three numbers (`models.camera_model`). They are fitted to the rays
that the polynomial sends into the image.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from slowfeat.camera_info import CameraModel
from slowfeat.geometry import Array
from slowfeat_trainer.geometry.camera_model import LEAST_XI, MOST_XI, NEAR

# Rays that are looked at: so many directions around the optical axis, in steps of the angle to it,
# up to where a lens of each kind ends. A pinhole with distortion sees nothing beside itself.
DIRECTIONS, STEP = 36, math.radians(0.5)
MOST_PINHOLE, MOST_FISHEYE = math.radians(85.0), math.radians(120.0)
# Bends that are tried at once, and how often the best one's neighbourhood is searched again.
TRIED, ROUNDS = 41, 4
# A polynomial that turns back nearer to the middle than this share of the way to the nearest edge
# describes no image.
LEAST_REACH = 0.5


def lens_of(camera: CameraModel) -> list[float] | None:
    """[fx, fy in half widths and half heights, bend] of a lens that bends; None for one that does
    not.

    The principal point is taken to be the middle of the image, as everywhere in the warp. None
    also where the polynomial makes no sense over most of the image: it was calibrated on points
    near the middle only.
    """
    if not camera.is_distorted:
        return None
    half = np.array([camera.width, camera.height]) / 2
    most = MOST_FISHEYE if camera.model == "equidistant" else MOST_PINHOLE
    angles = STEP * np.arange(1, int(most / STEP) + 1, dtype=np.float64)
    turns = np.linspace(0.0, 2 * math.pi, DIRECTIONS, endpoint=False)
    towards = np.stack([np.cos(turns), np.sin(turns)], axis=-1)
    points = _points(camera, angles, towards)
    radius = np.linalg.norm(points, axis=-1)
    step = np.diff(radius, axis=1, prepend=0.0)
    # From where it turns back, and from where it has left the image, a direction is followed no
    # further.
    good = np.isfinite(radius) & (step > 0) & (np.abs(points) <= half).all(axis=-1)
    good = np.logical_and.accumulate(good, axis=1)
    reached = np.where(good, radius, 0.0).max()
    if reached < LEAST_REACH * half.min():
        return None
    rays = np.concatenate(
        [
            np.sin(angles)[None, :, None] * towards[:, None],
            np.broadcast_to(np.cos(angles)[None, :, None], (*radius.shape, 1)),
        ],
        axis=-1,
    )
    # Each ray counts as much as the piece of the image that it stands for.
    fx, fy, mirror_xi = fit_unified(rays[good], points[good], (radius * step)[good])
    return [float(fx / half[0]), float(fy / half[1]), mirror_xi]


def fit_unified(rays: Array, points: Array, weight: Array) -> tuple[float, float, float]:
    """Focal lengths and bend of least squares: what is left in the image between rays and points.

    Args:
        rays: (P, 3) of length one, optical axes.
        points: (P, 2) where they are seen, from the middle, x and y in the same unit.
        weight: (P,) not negative.

    Returns:
        fx and fy in that unit, and the bend.
    """
    low, high = LEAST_XI, MOST_XI
    best = (math.inf, 1.0, 1.0, 0.0)
    for _ in range(ROUNDS):
        for mirror_xi in np.linspace(low, high, TRIED):
            depth = rays[:, 2] + mirror_xi
            if depth.min() <= NEAR:
                continue  # it would not see all of them
            onto = rays[:, :2] / depth[:, None]
            # For a bend the focal lengths are a formula.
            focal = (weight @ (onto * points)) / np.maximum(weight @ (onto * onto), 1e-12)
            left = float(weight @ ((points - focal * onto) ** 2).sum(axis=1))
            best = min(best, (left, float(focal[0]), float(focal[1]), float(mirror_xi)))
        near = (high - low) / (TRIED - 1)
        low, high = max(LEAST_XI, best[3] - near), min(MOST_XI, best[3] + near)
    return best[1], best[2], best[3]


def _points(camera: CameraModel, angles: Array, towards: Array) -> Array:
    """Where rays at angles (A,) to the axis, in directions (D, 2) around it, are seen: (D, A, 2)
    pixels from the middle.
    """
    focal = camera.matrix[[0, 1], [0, 1]]
    if camera.model == "equidistant":
        # Kannala & Brandt: the angle itself, bent by a polynomial.
        powers = angles[:, None] ** np.array([2, 4, 6, 8])
        bent = angles * (1 + powers @ camera.distortion)
        return np.asarray(focal * bent[None, :, None] * towards[:, None])
    flat = np.tan(angles)[None, :, None] * towards[:, None]
    rays = np.concatenate([flat, np.ones((*flat.shape[:2], 1))], axis=-1).reshape(-1, 3)
    matrix = np.diag([*focal, 1.0])
    seen, _ = cv2.projectPoints(rays, np.zeros(3), np.zeros(3), matrix, camera.distortion)
    return np.asarray(seen).reshape(flat.shape)
