"""Images from files that a user saved: turned as EXIF says, decoded by the bundle's rule."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from slowfeat.compressed import is_jpeg, stored_size
from slowfeat.errors import ImageError
from slowfeat.pixels import Image
from slowfeat.scaled_decoding import FLAGS, Size, reduction


def read_image_file(path: Path, wanted: Size | None = None) -> Image | None:
    """The RGB image uint8 (H, W, 3) in a file of any kind that OpenCV reads; None: it holds none.

    Args:
        path: of the file.
        wanted: (height, width) to which the image is stretched afterwards: a JPEG is decoded no
            larger than that needs (slowfeat.scaled_decoding); None: all pixels.
    """
    flag = 0 if wanted is None else FLAGS[_reduction(path, wanted)]
    pixels = cv2.imread(str(path), cv2.IMREAD_COLOR | flag)
    if pixels is None:
        return None
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def _reduction(path: Path, wanted: Size) -> int:
    try:
        data = np.fromfile(path, dtype=np.uint8)
        if not is_jpeg(data):
            return 1
        width, height = stored_size(data)
    except (ImageError, OSError):
        return 1  # imread judges it
    # EXIF may turn it by a right angle.
    return min(reduction(height, width, wanted), reduction(width, height, wanted))
