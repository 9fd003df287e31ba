"""Image messages to RGB arrays, and RGB arrays to the encoder's input: once, for node and trainer.

Knows no ROS: a message is whatever has the fields of one.
"""

from __future__ import annotations

from array import array
from typing import Any, Union

import cv2
import numpy as np
import numpy.typing as npt

from slowfeat.errors import ImageError

Image = npt.NDArray[np.uint8]
Buffer = Union[bytes, bytearray, memoryview, "array[int]", npt.NDArray[np.uint8]]

# A picture larger than this is a broken header rather than a camera.
MAX_SIDE = 16384

_CHANNELS = {
    "rgb8": 3,
    "bgr8": 3,
    "rgba8": 4,
    "bgra8": 4,
    "mono8": 1,
    "8UC1": 1,
    "8UC3": 3,
    "mono16": 1,
}
_TO_RGB = {
    "bgr8": cv2.COLOR_BGR2RGB,
    "8UC3": cv2.COLOR_BGR2RGB,  # cv_bridge's name for what OpenCV holds: BGR
    "rgba8": cv2.COLOR_RGBA2RGB,
    "bgra8": cv2.COLOR_BGRA2RGB,
    "mono8": cv2.COLOR_GRAY2RGB,
    "8UC1": cv2.COLOR_GRAY2RGB,
}


def _as_array(data: Buffer) -> Image:
    """The bytes of a message's field, without a copy."""
    if isinstance(data, np.ndarray):
        return data
    return np.frombuffer(data, dtype=np.uint8)


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
        encoding: rgb8, bgr8, rgba8, bgra8, mono8, mono16 (scaled by 1/256), 8UC1 or 8UC3.
        height: rows.
        width: columns.
        step: bytes from one row to the next, padding included.
        is_bigendian: byte order of 16-bit data.
        data: at least step x height bytes.

    Raises:
        ImageError: unknown encoding, empty picture, or sizes that contradict each other.
    """
    channels = _CHANNELS.get(encoding)
    if channels is None:
        known = ", ".join(sorted(_CHANNELS))
        raise ImageError(f"image encoding {encoding!r} is not supported; supported are {known}")
    if not (0 < height <= MAX_SIDE and 0 < width <= MAX_SIDE):
        raise ImageError(f"an image of {width}x{height} pixels makes no sense")
    buffer = _as_array(data)
    item = 2 if encoding == "mono16" else 1
    row = width * channels * item
    if step < row or buffer.dtype != np.uint8 or buffer.size < step * height:
        raise ImageError(
            f"image of {width}x{height} {encoding} with step {step} needs {max(step, row) * height} "
            f"bytes, the message holds {buffer.size}"
        )
    rows = buffer.reshape(-1)[: step * height].reshape(height, step)[:, :row]
    if encoding == "mono16":
        # The high byte is all that 8 bits can hold.
        high = rows.reshape(height, width, 2)[:, :, 0 if is_bigendian else 1]
        return np.asarray(cv2.cvtColor(np.ascontiguousarray(high), cv2.COLOR_GRAY2RGB), np.uint8)
    pixels = np.ascontiguousarray(rows).reshape(height, width, channels)
    if encoding == "rgb8":
        return pixels
    return np.asarray(cv2.cvtColor(pixels, _TO_RGB[encoding]), dtype=np.uint8)


def decode_compressed(image_format: str, data: Buffer) -> Image:
    """Decode the fields of a sensor_msgs/CompressedImage (jpeg, png, webp) to RGB uint8 (H, W, 3).

    Raises:
        ImageError: the bytes are no picture that OpenCV knows (`image_format` is named in the error).
    """
    buffer = _as_array(data)
    try:
        pixels = cv2.imdecode(buffer, cv2.IMREAD_COLOR) if buffer.size else None
    except cv2.error as error:
        raise ImageError(f"compressed image ({image_format!r}) is broken: {error.err}") from error
    if pixels is None:
        raise ImageError(
            f"compressed image ({image_format!r}, {buffer.size} bytes) is not a jpeg, png or webp picture"
        )
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def decode_message(message: Any) -> Image:
    """RGB uint8 (H, W, 3) of a sensor_msgs Image or CompressedImage, as rclpy or rosbags give it.

    Raises:
        ImageError: the message does not hold a picture that can be decoded.
    """
    try:
        if hasattr(message, "format"):
            return decode_compressed(message.format, message.data)
        return decode_image(
            message.encoding,
            message.height,
            message.width,
            message.step,
            message.is_bigendian,
            message.data,
        )
    except (AttributeError, ValueError) as error:
        raise ImageError(f"not an image message: {error}") from error


def resize_for_encoder(image: Image, size: tuple[int, int]) -> Image:
    """Stretch a whole frame (H, W, 3) to `size` = (height, width), as every bundle expects it.

    Area interpolation when shrinking, else linear.
    """
    height, width = size
    if image.shape[:2] == (height, width):
        return image
    shrinks = height * width < image.shape[0] * image.shape[1]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, (width, height), interpolation=method), dtype=np.uint8)
