"""What is done to a frame before it is encoded: lens distortion and
field of view, by camera_info.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slowfeat.camera_info import camera_from_info
from slowfeat.encoder import Encoder
from slowfeat.errors import ImageError
from slowfeat.images import Image
from slowfeat.rectify import Rectifier

NONE = "none"


def _calibration(message: Any) -> tuple[Any, ...]:
    """What of a CameraInfo matters; equal for equal calibrations."""
    roi = message.roi
    return (
        message.width,
        message.height,
        message.distortion_model,
        tuple(message.d),
        tuple(message.k),
        tuple(message.p),
        (message.binning_x, message.binning_y),
        (roi.x_offset, roi.y_offset, roi.width, roi.height),
    )


class Preparation:
    """Rectifies frames as the parameter `rectify` asks; camera_info comes in from another thread.

    Args:
        mode: one of slowfeat.rectify.MODES.
        on_change: called, in the thread that prepares frames, when something else is done than
            before.
    """

    def __init__(self, mode: str, on_change: Callable[[], None]) -> None:
        self.mode = mode
        # Where camera_info is awaited, for messages.
        self.topic = "camera_info"
        # That of the images, whose name marks rectified ones.
        self.image_topic = ""
        # What is done to frames, in words; empty where nothing is.
        self.description = ""
        self._on_change = on_change
        self._newest: tuple[Any, tuple[Any, ...]] | None = None
        # How specific the topic is that the newest came from: 0 is the images' very own.
        self._rank = 1_000
        # Calibration and encoder for which the rectifier (or the reason why there is none) was
        # made.
        self._made_for: tuple[Any, Any, Any] | None = None
        self._rectifier: Rectifier | ImageError | None = None

    def take_camera_info(self, message: Any, rank: int = 0) -> None:
        """Take in a sensor_msgs/CameraInfo; one of a less specific topic (larger rank) than before
        is ignored.

        So is one without a calibration, once there is one with it.
        """
        calibration = _calibration(message)
        calibrated = bool(message.k[0])
        if self._newest is not None and (
            rank > self._rank or (not calibrated and self._newest[0].k[0])
        ):
            return
        # Before there is a calibration, anything may come first.
        self._rank = rank if calibrated else self._rank
        # NaN is unequal to itself; a rectifier is made (and refused) once all the same.
        if self._newest is None or repr(self._newest[1]) != repr(calibration):
            self._newest = (message, calibration)

    def wanted(self, encoder: Encoder) -> tuple[int, int] | None:
        """(height, width) that frames are decoded for by the bundle's rule; None: all pixels.

        What is rectified is decoded whole: the lens's maps are for the camera's own pixels.
        """
        return encoder.info.wanted_size if self.mode == NONE else None

    def apply(self, image: Image, encoder: Encoder) -> Image:
        """The frame uint8 (H, W, 3) to encode.

        Raises:
            ImageError: camera_info is missing, unusable or of another image.
        """
        if self.mode == NONE:
            return image
        newest = self._newest
        if newest is None:
            raise ImageError(
                f"no camera_info on {self.topic} yet, which rectify:={self.mode} needs: start it, "
                "or set rectify:=none"
            )
        size = (image.shape[1], image.shape[0])
        if self._made_for is None or self._made_for != (newest[1], encoder, size):
            self._make(newest, encoder, size)
        if not isinstance(self._rectifier, Rectifier):
            raise ImageError(str(self._rectifier))
        return self._rectifier.apply(image)

    def _make(
        self, newest: tuple[Any, tuple[Any, ...]], encoder: Encoder, size: tuple[int, int]
    ) -> None:
        self._made_for = (newest[1], encoder, size)
        try:
            camera = camera_from_info(newest[0], self.image_topic, size)
            fov = encoder.info.horizontal_fov
            self._rectifier = Rectifier(camera, self.mode, encoder.image_size, fov)
            self.description = self._rectifier.description
        except ImageError as error:
            self._rectifier = error
            self.description = ""
        self._on_change()
