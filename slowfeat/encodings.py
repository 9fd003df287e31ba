"""The raw encodings of sensor_msgs/Image, each to RGB."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from slowfeat.errors import ImageError
from slowfeat.pixels import Buffer, Image, as_array, check_size


@dataclass(frozen=True)
class Encoding:
    """How the pixels of one encoding lie in memory."""

    channels: int
    # Bytes of one channel: 1, or 2 of which the high one is kept.
    item: int = 1
    # OpenCV's code for the way to RGB; None where the pixels already are.
    to_rgb: int | None = None
    # Chroma is shared by two columns, and for planar formats by two rows as well.
    even_columns: bool = False
    planar: bool = False


_YUYV = Encoding(2, to_rgb=cv2.COLOR_YUV2RGB_YUY2, even_columns=True)
_UYVY = Encoding(2, to_rgb=cv2.COLOR_YUV2RGB_UYVY, even_columns=True)
# ROS names a mosaic by its first row, OpenCV by the second and third pixel of the second row.
_BAYER = {
    "rggb": cv2.COLOR_BayerBG2RGB,
    "bggr": cv2.COLOR_BayerRG2RGB,
    "gbrg": cv2.COLOR_BayerGR2RGB,
    "grbg": cv2.COLOR_BayerGB2RGB,
}
ENCODINGS = {
    "rgb8": Encoding(3),
    "bgr8": Encoding(3, to_rgb=cv2.COLOR_BGR2RGB),
    "rgba8": Encoding(4, to_rgb=cv2.COLOR_RGBA2RGB),
    "bgra8": Encoding(4, to_rgb=cv2.COLOR_BGRA2RGB),
    "mono8": Encoding(1, to_rgb=cv2.COLOR_GRAY2RGB),
    "8UC1": Encoding(1, to_rgb=cv2.COLOR_GRAY2RGB),
    "8UC3": Encoding(3, to_rgb=cv2.COLOR_BGR2RGB),  # cv_bridge's name for what OpenCV holds: BGR
    "8UC4": Encoding(4, to_rgb=cv2.COLOR_BGRA2RGB),
    "rgb16": Encoding(3, item=2),
    "bgr16": Encoding(3, item=2, to_rgb=cv2.COLOR_BGR2RGB),
    "rgba16": Encoding(4, item=2, to_rgb=cv2.COLOR_RGBA2RGB),
    "bgra16": Encoding(4, item=2, to_rgb=cv2.COLOR_BGRA2RGB),
    "mono16": Encoding(1, item=2, to_rgb=cv2.COLOR_GRAY2RGB),
    "yuv422": _UYVY,
    "uyvy": _UYVY,
    "yuv422_yuy2": _YUYV,
    "yuyv": _YUYV,
    "nv12": Encoding(1, to_rgb=cv2.COLOR_YUV2RGB_NV12, even_columns=True, planar=True),
    "nv21": Encoding(1, to_rgb=cv2.COLOR_YUV2RGB_NV21, even_columns=True, planar=True),
    **{f"bayer_{name}8": Encoding(1, to_rgb=code) for name, code in _BAYER.items()},
    **{f"bayer_{name}16": Encoding(1, item=2, to_rgb=code) for name, code in _BAYER.items()},
}
# What depth cameras publish: distances, of which no picture can be made without guessing a range.
DEPTH_ENCODINGS = ("16UC1", "32FC1", "64FC1")


def decode_image(
    encoding: str,
    height: int,
    width: int,
    step: int,
    is_bigendian: bool | int,
    data: Buffer,
) -> Image:
    """Decode the fields of a sensor_msgs/Image to RGB uint8 (height, width, 3).

    Args:
        encoding: a name of ENCODINGS; of 16-bit channels the high byte is kept.
        height: rows.
        width: columns.
        step: bytes from one row to the next, padding included; for nv12 and nv21, of the Y plane.
        is_bigendian: byte order of 16-bit data.
        data: at least step x height bytes, for nv12 and nv21 half as many again.

    Raises:
        ImageError: unknown encoding, empty picture, or sizes that contradict each other.
    """
    try:
        return _decode(encoding, height, width, step, is_bigendian, as_array(data))
    except cv2.error as error:
        raise ImageError(f"{encoding} image of {width}x{height} is broken: {error.err}") from error
    except (TypeError, ValueError, OverflowError) as error:
        raise ImageError(f"an image message has a malformed field: {error}") from error


def _decode(
    encoding: str, height: int, width: int, step: int, is_bigendian: bool | int, buffer: Image
) -> Image:
    layout = ENCODINGS.get(encoding)
    if layout is None:
        raise _unknown(encoding)
    check_size(width, height)
    if (layout.even_columns and width % 2) or (layout.planar and height % 2):
        raise ImageError(f"a {encoding} image of {width}x{height} pixels has an odd side")
    row = width * layout.channels * layout.item
    lines = height * 3 // 2 if layout.planar else height
    if step < row or buffer.size < step * lines:
        raise ImageError(
            f"image of {width}x{height} {encoding} with step {step} needs {max(step, row) * lines} "
            f"bytes, the message holds {buffer.size}"
        )
    rows = buffer[: step * lines].reshape(lines, step)[:, :row]
    if layout.item == 2:
        # The high byte is all that 8 bits can hold.
        rows = rows[:, (0 if is_bigendian else 1) :: 2]
    pixels = np.ascontiguousarray(rows).reshape(lines, width, layout.channels)
    if layout.to_rgb is None:
        return pixels
    return np.asarray(cv2.cvtColor(pixels, layout.to_rgb), dtype=np.uint8)


def _unknown(encoding: str) -> ImageError:
    if encoding in DEPTH_ENCODINGS:
        return ImageError(
            f"image encoding {encoding!r} is depth, not a camera picture; choose a colour or mono topic"
        )
    known = ", ".join(sorted(ENCODINGS))
    return ImageError(f"image encoding {encoding!r} is not supported; supported are {known}")
