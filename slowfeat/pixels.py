"""What every decoder of images shares: the array type, the bytes of a message, a bound on sizes."""

from __future__ import annotations

from array import array
from typing import Union

import numpy as np
import numpy.typing as npt

from slowfeat.errors import ImageError

Image = npt.NDArray[np.uint8]
Buffer = Union[bytes, bytearray, memoryview, "array[int]", npt.NDArray[np.uint8]]

# An image larger than this is a broken header rather than a camera; 2^26 pixels are 8192 x 8192.
MAX_SIDE = 16384
MAX_PIXELS = 1 << 26


def as_array(data: Buffer) -> Image:
    """The bytes of a message's field as flat uint8, without a copy.

    Raises:
        ImageError: it holds no bytes.
    """
    if isinstance(data, np.ndarray):
        if data.dtype != np.uint8:
            raise ImageError(f"the image's data are {data.dtype}, not bytes")
        return data if data.ndim == 1 else data.reshape(-1)
    try:
        return np.frombuffer(data, dtype=np.uint8)
    except (TypeError, ValueError, BufferError) as error:
        raise ImageError(f"the image's data ({type(data).__name__}) are not bytes") from error


def check_size(width: int, height: int) -> None:
    """Refuse a size in pixels that no camera has, before memory is spent on it.

    Raises:
        ImageError: empty, or larger than MAX_SIDE or MAX_PIXELS.
    """
    if not (0 < height <= MAX_SIDE and 0 < width <= MAX_SIDE and width * height <= MAX_PIXELS):
        raise ImageError(f"an image of {width}x{height} pixels makes no sense")
