"""The lens of a camera as its data sheet says it: a field of view, and whether it is a fisheye."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

from slowfeat.errors import UsageError
from slowfeat_trainer.data.recording import Camera
from slowfeat_trainer.geometry.known_lens import focal_length

LEAST, MOST_PINHOLE, MOST_FISHEYE = 10.0, 170.0, 200.0
# Width and height of most cameras' images.
USUAL_ASPECT = (4.0, 3.0)
# Of the stereographic fisheye (models.camera_model).
FISHEYE_BEND = 1.0


@dataclass(frozen=True)
class DataSheet:
    """What `--fov`, `--fisheye` and `--aspect` say.

    Raises:
        UsageError: there is no such lens, or image.
    """

    # From the left edge of the image to its right edge, degrees.
    fov_deg: float
    # A stereographic fisheye instead of a pinhole.
    is_fisheye: bool = False
    # Width and height of the image in any unit, of square pixels.
    aspect: tuple[float, ...] = USUAL_ASPECT

    def __post_init__(self) -> None:
        most = MOST_FISHEYE if self.is_fisheye else MOST_PINHOLE
        if not LEAST < self.fov_deg < most:
            wider = "" if self.is_fisheye else "; a wider lens is a --fisheye"
            raise UsageError(
                f"--fov is {self.fov_deg:g} degrees; it must lie between {LEAST:g} and "
                f"{most:g}{wider}"
            )
        if not (min(self.aspect) > 0 and 0.2 <= self.aspect[0] / self.aspect[1] <= 5):
            told = ":".join(f"{side:g}" for side in self.aspect)
            raise UsageError(
                f"--aspect is {told}; give the width and height of the image, such as 4:3"
            )

    def camera(self, extrinsic: list[float] | None = None) -> Camera:
        """A camera with this lens, mounted at an extrinsic [x y z m, qx qy qz qw]."""
        width, height = self.aspect
        return self.put_into(Camera(size=(round(1000 * width / height), 1000), extrinsic=extrinsic))

    def put_into(self, camera: Camera) -> Camera:
        """The same camera with this lens; the shape of its image stays."""
        half = math.radians(self.fov_deg) / 2
        if not self.is_fisheye:
            return dataclasses.replace(camera, horizontal_fov=2 * half, lens=None)
        width, height = camera.size
        focal = focal_length(2 * half, FISHEYE_BEND)
        # As from camera_info: the field of view of a pinhole that shows the middle as large.
        straightened = 2 * math.atan((1 + FISHEYE_BEND) / focal)
        return dataclasses.replace(
            camera,
            horizontal_fov=straightened,
            lens=[focal, focal * width / height, FISHEYE_BEND],
        )
