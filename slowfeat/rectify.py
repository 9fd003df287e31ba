"""Lens distortion and field of view: frames as the training camera would have seen them.

`undistort` takes the lens's distortion out. `match` also gives the frame the horizontal field of
view of the bundle's training camera: it is cropped, or padded with black, around the optical axis,
by the ratio of tan(fov/2), the same in both directions. Frames that are much larger than the
encoder's input are shrunk first, so that the work is small whatever the camera. Knows no ROS: a
camera_info is whatever has the fields of one.
"""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np

from slowfeat.camera_info import CameraModel
from slowfeat.errors import ImageError
from slowfeat.images import resize_for_encoder
from slowfeat.pixels import Image

# Not "off": on a command line ROS reads that as the boolean.
MODES = ("none", "undistort", "match")
# A frame is shrunk first as long as it stays this many times as large as the encoder's input, each
# way.
OVERSAMPLING = 2
# Fields of view count as different from here on.
SAME_FOV = 0.01


class Rectifier:
    """Prepares the frames of one camera for one encoder; the maps are kept.

    Args:
        camera: the live camera.
        mode: "undistort" or "match".
        encoder_size: (height, width) of the encoder's input.
        wanted_fov: horizontal field of view of the training camera, rad; None where unknown, which
            leaves the live camera's.
    """

    def __init__(
        self,
        camera: CameraModel,
        mode: str,
        encoder_size: tuple[int, int],
        wanted_fov: float | None,
    ) -> None:
        self.camera = camera
        self._encoder_size = encoder_size
        # Share of the live image that is left: below 1 it is cropped, above it is padded.
        self.share = 1.0
        if mode == "match" and wanted_fov is not None:
            self.share = math.tan(wanted_fov / 2) / math.tan(camera.horizontal_fov / 2)
            if abs(wanted_fov - camera.horizontal_fov) < SAME_FOV:
                self.share = 1.0
        self.description = self._describe(mode, wanted_fov)
        self._maps: dict[tuple[int, int], tuple[Any, Any]] = {}

    def _describe(self, mode: str, wanted_fov: float | None) -> str:
        done = []
        if self.camera.is_distorted:
            done.append(f"undistorted ({self.camera.model})")
        degrees = math.degrees(self.camera.horizontal_fov)
        if mode == "match" and wanted_fov is None:
            done.append("field of view left as it is: the bundle does not know its camera's")
        elif self.share != 1.0:
            how = "cropped" if self.share < 1 else "padded"
            told = f"{how} from {degrees:.1f} to {math.degrees(wanted_fov or 0.0):.1f} deg"
            done.append(told)
        elif mode == "match":
            done.append(f"field of view as in the training ({degrees:.1f} deg)")
        return ", ".join(done) or "nothing to do: the lens has no distortion"

    @property
    def changes_frames(self) -> bool:
        """Whether frames come out other than they went in."""
        return self.camera.is_distorted or self.share != 1.0

    def apply(self, image: Image) -> Image:
        """A frame uint8 (H, W, 3) as the encoder should see it; smaller where it was large.

        Raises:
            ImageError: the frame's shape is not that of camera_info.
        """
        height, width = image.shape[:2]
        # The same image in another size is fine, another section of it is not.
        if abs(width * self.camera.height - height * self.camera.width) > max(width, height):
            raise ImageError(
                f"the frame is {width}x{height}, camera_info is for {self.camera.width}x"
                f"{self.camera.height}: they do not belong together"
            )
        if not self.changes_frames:
            return image
        size = self._working_size(height, width)
        if size not in self._maps:
            # A camera has one size; a stream of hostile ones must not fill the memory.
            self._maps = {size: self._make_maps(*size)}
        first, second = self._maps[size]
        shrunk = resize_for_encoder(image, size)
        return np.asarray(
            cv2.remap(shrunk, first, second, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT),
            dtype=np.uint8,
        )

    def _working_size(self, height: int, width: int) -> tuple[int, int]:
        # Of a frame that will be cropped, what is left must still be large enough.
        least = OVERSAMPLING / min(self.share, 1.0)
        most = min(
            height / (least * self._encoder_size[0]), width / (least * self._encoder_size[1])
        )
        # OpenCV shrinks by whole numbers several times faster than by others.
        factors = [f for f in range(1, int(most) + 1) if height % f == width % f == 0]
        factor = max(factors, default=1)
        return height // factor, width // factor

    def _make_maps(self, height: int, width: int) -> tuple[Any, Any]:
        scale = np.array([width / self.camera.width, height / self.camera.height])
        matrix = self.camera.matrix.copy()
        matrix[:2] *= scale[:, None]
        # The centre of the first pixel is at zero, its corner at -1/2.
        matrix[:2, 2] += (scale - 1) / 2
        wanted = matrix.copy()
        if self.share != 1.0:
            wanted[[0, 1], [0, 1]] /= self.share
            wanted[:2, 2] = (width - 1) / 2, (height - 1) / 2
        args = (matrix, self.camera.distortion, np.eye(3), wanted, (width, height), cv2.CV_16SC2)
        if self.camera.model == "equidistant":
            found = cv2.fisheye.initUndistortRectifyMap(*args)
        else:
            found = cv2.initUndistortRectifyMap(*args)
        return found[0], found[1]
