"""The lens of a camera as far as a bag describes it. Needs no torch."""

from __future__ import annotations

import dataclasses
import math

from slowfeat_trainer.data.recording import Camera
from slowfeat_trainer.data.shrink import Shrink

# The lens of a camera that nothing describes, from left to right, and its bend. It is the one that errs least, in the mean,
# if the lens may as well be a pinhole of 60, 70, ... 100 degrees as a fisheye of 100, 110, ... 130; the middle of its
# picture moves like that of a pinhole of 90 degrees, and its edges do not run away.
USUAL_FOV, USUAL_BEND = math.radians(105), 0.75


def focal_length(field_of_view: float, bend: float) -> float:
    """In half widths, of a lens that sees `field_of_view` rad from the left edge of the picture to its right edge."""
    half = field_of_view / 2
    return (math.cos(half) + bend) / math.sin(half)


def lens_to_start_from(camera: Camera) -> tuple[float, float, float]:
    """Focal lengths, in half widths and half heights, and bend, as far as a bag tells of the lens.

    A lens that is known to bend comes with its bend; one of which only the field of view is told is a pinhole, and one of
    which nothing is told the usual lens. Pixels are taken to be square.
    """
    if camera.lens is not None:
        fx, fy, bend = camera.lens
        return fx, fy, bend
    fov, bend = camera.horizontal_fov, 0.0
    if fov is None:
        fov, bend = USUAL_FOV, USUAL_BEND
    focal = focal_length(fov, bend)
    width, height = camera.size
    return focal, focal * width / height, bend


def cut(camera: Camera, shrink: Shrink) -> Camera:
    """The camera of what is left of its picture after a crop."""
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
