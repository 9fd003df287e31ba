"""The lens of a camera as far as a bag describes it. Needs no torch."""

from __future__ import annotations

import dataclasses
import math

from slowfeat_trainer.data.recording import Camera
from slowfeat_trainer.data.shrink import Shrink

# The lens of a camera that nothing describes, from left to right, and its bend. It is the one that
# errs least, in the mean, if the lens may as well be a pinhole of 60, 70, ... 100 degrees as a
# fisheye of 100, 110, ... 130; the middle of its image moves like that of a pinhole of 90
# degrees, and its edges do not run away.
USUAL_FOV, USUAL_XI = math.radians(105), 0.75


def focal_length(field_of_view: float, mirror_xi: float) -> float:
    """In half widths, of a lens that sees `field_of_view` rad from the left edge of
    the image to its right edge.
    """
    half = field_of_view / 2
    return (math.cos(half) + mirror_xi) / math.sin(half)


def initial_lens(camera: Camera) -> tuple[float, float, float]:
    """Focal lengths, in half widths and half heights, and bend, as far as a bag describes the lens.

    A lens that is known to bend comes with its bend; one of which only the field of view is known
    is a pinhole, and one of which nothing is known the usual lens. Pixels are taken to be square.
    """
    if camera.lens is not None:
        fx, fy, mirror_xi = camera.lens
        return fx, fy, mirror_xi
    fov, mirror_xi = camera.horizontal_fov, 0.0
    if fov is None:
        fov, mirror_xi = USUAL_FOV, USUAL_XI
    focal = focal_length(fov, mirror_xi)
    width, height = camera.size
    return focal, focal * width / height, mirror_xi


def crop_camera(camera: Camera, shrink: Shrink) -> Camera:
    """The camera of what is left of its image after a crop."""
    top, right, bottom, left = shrink.crop
    return dataclasses.replace(
        camera,
        horizontal_fov=shrink.field_of_view(camera.horizontal_fov),
        lens=shrink.lens(camera.lens),
        size=(
            round(camera.size[0] * (1 - left - right)),
            round(camera.size[1] * (1 - top - bottom)),
        ),
    )
