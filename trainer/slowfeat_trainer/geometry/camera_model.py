"""The unified camera model (Mei & Rives, ICRA 2007): pinhole, wide angle and fisheye by one number.

A point is projected onto the unit sphere, and from there by a pinhole that stands `bend` behind the
sphere's centre. 0 is the pinhole, 1 the stereographic fisheye, negative values bend the other way.
Both directions are closed formulas, so what is composed and inverted on rays is exact on pixels
too.
"""

from __future__ import annotations

import torch
from torch import Tensor

# Beyond these a lens is none that is sold.
LEAST_XI, MOST_XI = -0.5, 2.0
# Points nearer to the pinhole's plane than this are behind it for all we know.
NEAR = 0.1


def unproject(points: Tensor, focal: Tensor, mirror_xi: Tensor) -> Tensor:
    """Unit rays (..., 3), in optical axes, of points (..., 2) of the image.

    Args:
        points: in half widths and half heights from the middle.
        focal: (2,) in the same units.
        mirror_xi: (), of the model.
    """
    x, y = (points / focal).unbind(dim=-1)
    square = x * x + y * y
    # Under the root: where the model bends more than a fisheye there is an end of the image.
    root = (1 + (1 - mirror_xi * mirror_xi) * square).clamp(min=0.01).sqrt()
    onto_sphere = (mirror_xi + root) / (1 + square)
    return torch.stack([onto_sphere * x, onto_sphere * y, onto_sphere - mirror_xi], dim=-1)


def project(rays: Tensor, focal: Tensor, mirror_xi: Tensor) -> tuple[Tensor, Tensor]:
    """Points (..., 2) of rays (..., 3) of any length, and whether
    the camera can see there (...,).
    """
    depth = rays[..., 2] + mirror_xi * rays.norm(dim=-1)
    return focal * rays[..., :2] / depth.clamp(min=NEAR)[..., None], depth > NEAR
