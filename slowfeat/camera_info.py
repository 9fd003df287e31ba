"""What a sensor_msgs/CameraInfo says of the camera of an image topic: one rule for trainer, inspect
and node.

Knows no ROS: a message is whatever has the fields of one, spelled as in ROS 1 (K, D, P) or ROS 2
(k, d, p).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from slowfeat.errors import ImageError
from slowfeat.geometry import Array

INFO = "camera_info"
# Number of coefficients that each model of sensor_msgs/CameraInfo may have here.
COEFFICIENTS = {
    "plumb_bob": (4, 5),
    "rational_polynomial": (8, 12, 14),
    "equidistant": (4,),
}
# What image_proc calls images whose distortion it has taken out; their camera_info still describes
# it.
_RECTIFIED = re.compile(r"(^|[/_])rect")
# The last element of topics that carry an image topic in another transport.
_TRANSPORTS = ("compressed", "compressedDepth", "theora", "ffmpeg", "h264", "h265", "zstd", "raw")
# Other names of the models: those of calibration tools and drivers.
_SAME_MODEL = {
    "": "plumb_bob",
    "none": "plumb_bob",
    "pinhole": "plumb_bob",
    "plumbbob": "plumb_bob",
    "radtan": "plumb_bob",
    "radialtangential": "plumb_bob",
    "browncconrady": "plumb_bob",
    "brownconrady": "plumb_bob",
    "rational": "rational_polynomial",
    "rationalpolynomial": "rational_polynomial",
    "equidistant": "equidistant",
    "equi": "equidistant",
    "fisheye": "equidistant",
    "opencvfisheye": "equidistant",
    "kannalabrandt": "equidistant",
    "kannalabrandt4": "equidistant",
}
# Of a scaled image the sides may be off by so many pixels of rounding.
ROUNDING = 1.5


@dataclass(frozen=True)
class CameraModel:
    """A calibrated camera."""

    # Of the image that the matrix is for, pixels.
    width: int
    height: int
    # K (3, 3), pixels.
    matrix: Array
    # Key of COEFFICIENTS, and its coefficients.
    model: str
    distortion: Array

    @property
    def horizontal_fov(self) -> float:
        """Of the undistorted image, rad."""
        return 2 * math.atan2(self.width, 2 * float(self.matrix[0, 0]))

    @property
    def is_distorted(self) -> bool:
        """Whether the lens bends straight lines; equidistant ones do with all coefficients zero."""
        return self.model == "equidistant" or bool(np.any(self.distortion))


def base_topic(image_topic: str) -> str:
    """The image topic without its transport: /camera/image of /camera/image/compressed."""
    folder, _, last = image_topic.rstrip("/").rpartition("/")
    return folder if last in _TRANSPORTS and folder else image_topic.rstrip("/")


def info_topics(image_topic: str) -> list[str]:
    """Where an image topic's camera_info is published, the most
    specific first: below it, and beside it.
    """
    base = base_topic(image_topic)
    return [f"{base}/{INFO}", f"{base.rpartition('/')[0]}/{INFO}"]


def by_likelihood(image_topic: str, names: Sequence[str]) -> list[str]:
    """Names of camera_info topics, those first that belong to an image
    topic; unrelated ones come last.
    """
    known = info_topics(image_topic)
    elements = base_topic(image_topic).strip("/").split("/")

    def rank(name: str) -> tuple[int, int, str]:
        if name in known:
            return known.index(name), 0, name
        pairs = zip(name.strip("/").split("/"), elements, strict=False)
        shared = next((k for k, (a, b) in enumerate(pairs) if a != b), 0)
        return len(known), -shared, name

    return sorted(names, key=rank)


def is_rectified(image_topic: str) -> bool:
    """Whether a topic's name says that its images have their distortion taken out."""
    return bool(_RECTIFIED.search(image_topic))


def camera_from_info(
    message: Any, image_topic: str = "", image_size: tuple[int, int] | None = None
) -> CameraModel:
    """The camera of the images of a topic: region of interest and binning applied.

    Of a rectified topic the matrix is P and there is no distortion; else it is K with D.

    Args:
        message: the camera_info.
        image_topic: its name marks rectified images; "" stands for raw ones.
        image_size: width and height of the images in pixels, where known: that reading of region
            and binning is taken which gives them, as drivers differ in whether width and height are
            the sensor's.

    Raises:
        ImageError: not calibrated, not finite, of an unknown distortion model, or of images of
            another shape.
    """
    width, height = int(message.width), int(message.height)
    if not (width > 0 and height > 0):
        raise ImageError("camera_info has no width and height: calibrate the camera")
    matrix = _numbers(message, "k", 9).reshape(3, 3).copy()
    projection = _numbers(message, "p", 12).reshape(3, 4)[:, :3].copy()
    rectified = is_rectified(image_topic)
    if rectified and _is_calibrated(projection):
        matrix = projection
    if not _is_calibrated(matrix):
        raise ImageError("camera_info holds no calibration (k is zero): calibrate the camera")
    model, distortion = ("plumb_bob", np.zeros(5)) if rectified else _distortion(message)
    readings = _readings(message, width, height)
    (left, top, width, height), binning = readings[0]
    if image_size is not None and all(image_size):
        fitting = sorted(
            (r for r in readings if _fits(r, image_size)), key=lambda r: _size(r) != image_size
        )
        if not fitting:
            raise ImageError(
                f"camera_info is for {width // binning[0]}x{height // binning[1]}, the images are "
                f"{image_size[0]}x{image_size[1]}: they do not belong together"
            )
        (left, top, width, height), binning = fitting[0]
    matrix[:2, 2] -= (left, top)
    matrix[:2] /= np.array(binning, dtype=np.float64)[:, None]
    return CameraModel(width // binning[0], height // binning[1], matrix, model, distortion)


_Reading = tuple[tuple[int, int, int, int], tuple[int, int]]


def _readings(message: Any, width: int, height: int) -> list[_Reading]:
    """Regions (left, top, width, height) of the sensor and binnings that the
    fields may mean; REP-104's first.
    """
    roi = message.roi
    whole = (0, 0, width, height)
    part = whole
    if roi.width and roi.height:
        part = (int(roi.x_offset), int(roi.y_offset), int(roi.width), int(roi.height))
    binning = max(int(message.binning_x), 1), max(int(message.binning_y), 1)
    found: list[_Reading] = []
    for region in (part, whole):
        for factors in (binning, (1, 1)):
            if (region, factors) not in found:
                found.append((region, factors))
    return found


def _size(reading: _Reading) -> tuple[int, int]:
    """Width and height of the images."""
    (_, _, width, height), (across, down) = reading
    return width // across, height // down


def _fits(reading: _Reading, image_size: tuple[int, int]) -> bool:
    """Whether images of a size are the reading's, or the same in another scale."""
    width, height = _size(reading)
    wide, high = image_size
    scale = wide / max(width, 1)
    return abs(high - height * scale) <= ROUNDING * max(scale, 1.0)


def _numbers(message: Any, name: str, count: int) -> Array:
    """A field of so many numbers; zeros where it is not there or has another length."""
    values = getattr(message, name, None)
    if values is None:
        values = getattr(message, name.upper(), ())
    found = np.asarray(values, dtype=np.float64).ravel()
    return found if len(found) == count else np.zeros(count)


def _is_calibrated(matrix: Array) -> bool:
    """Whether a matrix (3, 3) has focal lengths."""
    return bool(np.isfinite(matrix).all() and matrix[0, 0] > 0 and matrix[1, 1] > 0)


def _distortion(message: Any) -> tuple[str, Array]:
    """Key of COEFFICIENTS, and coefficients that fit it.

    Raises:
        ImageError: an unknown model, or coefficients that are none of it.
    """
    said = str(message.distortion_model)
    model = _SAME_MODEL.get(re.sub(r"[^a-z0-9]", "", said.lower()), said)
    values = getattr(message, "d", None)
    values = getattr(message, "D", ()) if values is None else values
    distortion = np.asarray(values, dtype=np.float64).ravel()
    if model not in COEFFICIENTS:
        raise ImageError(
            f"camera_info has distortion model {said!r}; known are {', '.join(COEFFICIENTS)}"
        )
    if model == "plumb_bob" and len(distortion) > 5:
        # Drivers write the coefficients of the larger model under the name of the smaller, ...
        model = "rational_polynomial"
    elif model == "rational_polynomial" and 4 <= len(distortion) <= 5:
        # ... and the other way round.
        model = "plumb_bob"
    counts = COEFFICIENTS[model]
    if not distortion.any() and len(distortion) not in counts:
        distortion = np.zeros(counts[0])
    # Drivers fill up with zeros.
    while len(distortion) > counts[0] and len(distortion) not in counts and not distortion[-1]:
        distortion = distortion[:-1]
    if len(distortion) not in counts or not np.isfinite(distortion).all():
        raise ImageError(
            f"camera_info has {len(distortion)} coefficients of {model}; it takes "
            f"{' or '.join(map(str, counts))} finite ones"
        )
    return model, distortion
