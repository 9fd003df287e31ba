"""Image messages to RGB arrays, and RGB arrays to the encoder's input: once, for node and trainer.

Knows no ROS: a message is whatever has the fields of one.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from slowfeat.compressed import decode_compressed
from slowfeat.encodings import decode_image
from slowfeat.errors import ImageError
from slowfeat.pixels import MAX_PIXELS, MAX_SIDE, Buffer, Image

__all__ = [
    "MAX_PIXELS",
    "MAX_SIDE",
    "Buffer",
    "Image",
    "decode_compressed",
    "decode_image",
    "decode_message",
    "resize_for_encoder",
]


def decode_message(message: Any) -> Image:
    """RGB uint8 (H, W, 3) of a sensor_msgs Image or CompressedImage, as rclpy or rosbags give it.

    The array may be a read-only view of the message's own bytes.

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
    except AttributeError as error:
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
