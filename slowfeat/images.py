"""Image messages to RGB arrays, and RGB arrays to the encoder's input: once, for node and trainer.

Knows no ROS: a message is whatever has the fields of one.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from slowfeat.bit_depth import FULL_BITS, bits_for, is_deep_file
from slowfeat.compressed import decode_compressed, is_jpeg, stored_size
from slowfeat.encodings import decode_image, layout_of
from slowfeat.errors import ImageError
from slowfeat.pixels import MAX_PIXELS, MAX_SIDE, Buffer, Image, as_array
from slowfeat.scaled_decoding import Size

__all__ = [
    "FULL_BITS",
    "MAX_PIXELS",
    "MAX_SIDE",
    "Buffer",
    "Image",
    "bits_for",
    "decode_compressed",
    "decode_image",
    "decode_message",
    "full_size",
    "largest_value",
    "resize_for_encoder",
]


def decode_message(message: Any, bits: int = FULL_BITS, wanted: Size | None = None) -> Image:
    """RGB uint8 (H, W, 3) of a sensor_msgs Image or CompressedImage, as rclpy or rosbags give it.

    The array may be a read-only view of the message's own bytes.

    Args:
        message: the image.
        bits: of 16-bit channels this many are used; their highest 8 are kept.
        wanted: (height, width) to which the image is stretched afterwards: a JPEG is decoded no
            larger than that needs (slowfeat.scaled_decoding); None: all pixels.

    Raises:
        ImageError: the message does not hold an image that can be decoded.
    """
    try:
        if hasattr(message, "format"):
            return decode_compressed(message.format, message.data, bits, wanted)
        return decode_image(
            message.encoding,
            message.height,
            message.width,
            message.step,
            message.is_bigendian,
            message.data,
            bits,
        )
    except AttributeError as error:
        raise ImageError(f"not an image message: {error}") from error


def full_size(message: Any, image: Image) -> tuple[int, int]:
    """Width and height in pixels of an image as a message has it; `image` was decoded from it."""
    if hasattr(message, "format"):
        data = as_array(message.data)
        if is_jpeg(data):
            return stored_size(data)
    return image.shape[1], image.shape[0]


def largest_value(message: Any) -> int | None:
    """The largest value of an image message of 16-bit channels; None for
    other images and for broken ones.
    """
    try:
        data = as_array(message.data)
        if hasattr(message, "format"):
            if not is_deep_file(data):
                return None
            pixels = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
            if pixels is None or pixels.dtype != np.uint16:
                return None
            return int(pixels.max())
        layout = layout_of(message.encoding)
        if layout is None or layout.item != 2:
            return None
        step, row = int(message.step), int(message.width) * layout.channels * 2
        rows = data[: step * int(message.height)].reshape(-1, step)[:, :row]
        values = np.ascontiguousarray(rows).view(">u2" if message.is_bigendian else "<u2")
        return int(values.max(initial=0))
    except (AttributeError, ValueError, TypeError, ImageError, cv2.error):
        return None


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
