"""The lens of a camera in numpy: the unified camera model of
`models.camera_model`, for estimates without torch.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from slowfeat.geometry import Array

# Points nearer to the pinhole's plane than this are behind it for all we know.
NEAR = 0.1


class Lens(NamedTuple):
    """Focal lengths in half widths and half heights of the image, and the mirror parameter."""

    fx: float
    fy: float
    mirror_xi: float


def unproject(points: Array, lens: Lens) -> Array:
    """Unit rays (..., 3), in optical axes, of points (..., 2) in [-1, 1]."""
    x, y = points[..., 0] / lens.fx, points[..., 1] / lens.fy
    square = x * x + y * y
    root = np.sqrt(np.maximum(1 + (1 - lens.mirror_xi**2) * square, 0.01))
    onto_sphere = (lens.mirror_xi + root) / (1 + square)
    return np.stack([onto_sphere * x, onto_sphere * y, onto_sphere - lens.mirror_xi], axis=-1)


def project(rays: Array, lens: Lens) -> Array:
    """Points (..., 2) of rays (..., 3) of any length."""
    depth = np.maximum(rays[..., 2] + lens.mirror_xi * np.linalg.norm(rays, axis=-1), NEAR)
    return np.stack([lens.fx * rays[..., 0] / depth, lens.fy * rays[..., 1] / depth], axis=-1)
