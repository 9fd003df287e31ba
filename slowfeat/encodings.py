"""The raw encodings of sensor_msgs/Image, each to RGB."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from slowfeat.bit_depth import FULL_BITS, to_8_bits
from slowfeat.errors import ImageError
from slowfeat.pixels import Buffer, Image, as_array, check_size


@dataclass(frozen=True)
class Encoding:
    """How the pixels of one encoding lie in memory."""

    channels: int
    # Bytes of one channel: 1, or 2 of which the 8 highest bits that are used are kept.
    item: int = 1
    # OpenCV's code for the way to RGB; None where the pixels already are.
    to_rgb: int | None = None
    # Chroma is shared by two columns, and for planar formats by two rows as well.
    even_columns: bool = False
    planar: bool = False
    # Chroma of every pixel in a second plane, U and V by turns.
    full_chroma: bool = False


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
    "nv24": Encoding(1, full_chroma=True),
    **{f"bayer_{name}8": Encoding(1, to_rgb=code) for name, code in _BAYER.items()},
    **{f"bayer_{name}16": Encoding(1, item=2, to_rgb=code) for name, code in _BAYER.items()},
}
# Simulators and drivers spell them in other cases.
_BY_LOWER = {name.lower(): encoding for name, encoding in ENCODINGS.items()}
# BT.601 in video range, as OpenCV converts the other YUV encodings.
_YUV_TO_RGB = np.array(
    [
        [1.164, 0.0, 1.596, -1.164 * 16 - 1.596 * 128],
        [1.164, -0.391, -0.813, -1.164 * 16 + (0.391 + 0.813) * 128],
        [1.164, 2.018, 0.0, -1.164 * 16 - 2.018 * 128],
    ]
)
# What depth cameras publish: distances, of which no image can be made without guessing a range.
DEPTH_ENCODINGS = ("16UC1", "32FC1", "64FC1")


def decode_image(
    encoding: str,
    height: int,
    width: int,
    step: int,
    is_bigendian: bool | int,
    data: Buffer,
    bits: int = FULL_BITS,
) -> Image:
    """Decode the fields of a sensor_msgs/Image to RGB uint8 (height, width, 3).

    Args:
        encoding: a name of ENCODINGS, in upper or lower case.
        height: rows.
        width: columns.
        step: bytes from one row to the next, padding included; for nv12 and nv21, of the Y plane.
        is_bigendian: byte order of 16-bit data.
        data: at least step x height bytes; for nv12 and nv21 half as many again, for nv24 three
            times as many.
        bits: of 16-bit channels this many are used; their highest 8 are kept.

    Raises:
        ImageError: unknown encoding, empty image, or sizes that contradict each other.
    """
    try:
        return _decode(encoding, height, width, step, is_bigendian, as_array(data), bits)
    except cv2.error as error:
        raise ImageError(f"{encoding} image of {width}x{height} is broken: {error.err}") from error
    except (TypeError, ValueError, OverflowError) as error:
        raise ImageError(f"an image message has a malformed field: {error}") from error


def layout_of(encoding: str) -> Encoding | None:
    """How an encoding lies in memory; None for one that is not known."""
    return ENCODINGS.get(encoding) or _BY_LOWER.get(encoding.lower())


def demosaiced(pixels: Image, encoding: str) -> Image:
    """RGB (H, W, 3) of the mosaic (H, W) of a bayer encoding.

    Raises:
        ImageError: no bayer encoding.
    """
    code = _BAYER.get(encoding.lower().removeprefix("bayer_").rstrip("0123456789"))
    if code is None:
        raise _unknown(encoding)
    return np.asarray(cv2.cvtColor(pixels, code), dtype=np.uint8)


def _decode(
    encoding: str,
    height: int,
    width: int,
    step: int,
    is_bigendian: bool | int,
    buffer: Image,
    bits: int,
) -> Image:
    layout = layout_of(encoding)
    if layout is None:
        raise _unknown(encoding)
    check_size(width, height)
    if (layout.even_columns and width % 2) or (layout.planar and height % 2):
        raise ImageError(f"a {encoding} image of {width}x{height} pixels has an odd side")
    row = width * layout.channels * layout.item
    if layout.full_chroma:
        return _nv24(height, width, step, buffer)
    lines = height * 3 // 2 if layout.planar else height
    if step < row or buffer.size < step * lines:
        raise ImageError(
            f"image of {width}x{height} {encoding} with step {step} needs {max(step, row) * lines} "
            f"bytes, the message holds {buffer.size}"
        )
    rows = buffer[: step * lines].reshape(lines, step)[:, :row]
    if layout.item == 2:
        rows = to_8_bits(rows, is_bigendian, bits)
    pixels = np.ascontiguousarray(rows).reshape(lines, width, layout.channels)
    if layout.to_rgb is None:
        return pixels
    return np.asarray(cv2.cvtColor(pixels, layout.to_rgb), dtype=np.uint8)


def _nv24(height: int, width: int, step: int, buffer: Image) -> Image:
    """A plane of Y and one of U and V by turns, each of full size."""
    need = step * height + 2 * step * height
    if step < width or buffer.size < need:
        raise ImageError(
            f"image of {width}x{height} nv24 with step {step} needs "
            f"{3 * max(step, width) * height} bytes, the message holds {buffer.size}"
        )
    luma = buffer[: step * height].reshape(height, step)[:, :width]
    chroma = buffer[step * height : need].reshape(height, 2 * step)[:, : 2 * width]
    yuv = np.dstack([luma, chroma.reshape(height, width, 2)]).astype(np.float32)
    rgb = np.rint(cv2.transform(yuv, _YUV_TO_RGB))
    return np.asarray(np.clip(rgb, 0, 255), dtype=np.uint8)


def _unknown(encoding: str) -> ImageError:
    if encoding.upper() in DEPTH_ENCODINGS:
        return ImageError(
            f"image encoding {encoding!r} is depth, not a camera image; choose a colour or mono "
            "topic"
        )
    known = ", ".join(sorted(ENCODINGS))
    return ImageError(f"image encoding {encoding!r} is not supported; supported are {known}")
