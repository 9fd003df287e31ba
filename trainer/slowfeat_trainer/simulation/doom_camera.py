"""The simulated camera: an ideal pinhole with square pixels, looking straight ahead.

Measured on ViZDoom 1.3: at 4:3 the horizontal field of view is 90 degrees, so the focal length is
half the width; wider images keep the vertical field of view instead and are not offered here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from slowfeat.errors import UsageError

HORIZONTAL_FOV_RAD = math.pi / 2
# Widths of the 4:3 images that ViZDoom renders.
RENDERED_WIDTHS = (160, 200, 256, 320, 400, 512, 640, 800, 1024, 1280, 1600)
# An image is rendered this much larger and averaged down: a lens blurs, a renderer does not.
OVERSAMPLING = 2
# Doom's rooms are dark; a camera would open its shutter longer. Applied to values in 0 to 1.
EXPOSURE_GAMMA = 0.7
MIN_WIDTH, MAX_WIDTH = 32, 800
# A longer lens shows the middle of what is rendered.
MIN_FOV_DEG, MAX_FOV_DEG = 40.0, 90.0


@dataclass(frozen=True)
class Camera:
    """A camera of this many pixels and degrees; `UsageError` for a shape that is
    not 4:3 or a lens that is none.
    """

    width: int
    height: int
    # Horizontal field of view.
    fov_deg: float = MAX_FOV_DEG

    def __post_init__(self) -> None:
        if self.width * 3 != self.height * 4 or not MIN_WIDTH <= self.width <= MAX_WIDTH:
            raise UsageError(
                f"the image must be 4:3, {MIN_WIDTH} to {MAX_WIDTH} pixels wide, such as "
                f"160x120 or 320x240; not {self.width}x{self.height}"
            )
        if not MIN_FOV_DEG <= self.fov_deg <= MAX_FOV_DEG:
            raise UsageError(
                f"the field of view must be {MIN_FOV_DEG:g} to {MAX_FOV_DEG:g} degrees; not "
                f"{self.fov_deg:g}"
            )

    @property
    def seen(self) -> float:
        """Share of the rendered image's width and height that the lens shows."""
        return math.tan(math.radians(self.fov_deg) / 2) / math.tan(HORIZONTAL_FOV_RAD / 2)

    @property
    def focal_px(self) -> float:
        """Focal length in pixels, the same both ways."""
        return self.width / 2 / math.tan(math.radians(self.fov_deg) / 2)

    @property
    def matrix(self) -> NDArray[np.float64]:
        """K [3, 3]; pixel centres are whole numbers, the optical axis is the image's middle."""
        f, u, v = self.focal_px, (self.width - 1) / 2, (self.height - 1) / 2
        return np.array([[f, 0, u], [0, f, v], [0, 0, 1]])

    @property
    def rendered_size(self) -> tuple[int, int]:
        """(width, height) in which the world is to be rendered."""
        wanted = OVERSAMPLING * self.width / self.seen
        width = next((w for w in RENDERED_WIDTHS if w >= wanted), RENDERED_WIDTHS[-1])
        return width, width * 3 // 4

    def expose(self, rendered: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The camera's image of a rendered one; RGB uint8 [height, width, 3]."""
        if self.fov_deg < MAX_FOV_DEG:
            size = rendered.shape[1] * self.seen, rendered.shape[0] * self.seen
            middle = (rendered.shape[1] - 1) / 2, (rendered.shape[0] - 1) / 2
            rendered = cv2.getRectSubPix(rendered, (round(size[0]), round(size[1])), middle)
        small = cv2.resize(rendered, (self.width, self.height), interpolation=cv2.INTER_AREA)
        return np.asarray(cv2.LUT(small, _EXPOSURE), dtype=np.uint8)


def encode_jpeg(picture: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    """JPEG bytes, uint8 [N], of an RGB image [height, width, 3]."""
    bgr = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    _, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(data, dtype=np.uint8).reshape(-1)


_EXPOSURE = np.round(255 * (np.arange(256) / 255) ** EXPOSURE_GAMMA).astype(np.uint8)
