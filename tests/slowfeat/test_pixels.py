"""The bytes of messages of every kind become one array, without a
copy; absurd sizes are refused.
"""

from __future__ import annotations

from array import array
from typing import Any

import numpy as np
import pytest

from slowfeat.errors import ImageError
from slowfeat.pixels import MAX_SIDE, as_array, check_size

BYTES = bytes(range(6))


@pytest.mark.parametrize(
    "data", [BYTES, bytearray(BYTES), memoryview(BYTES), array("B", BYTES)], ids=lambda d: type(d)
)
def test_buffers_of_every_kind_are_the_same_bytes(data: Any) -> None:
    assert as_array(data).tolist() == [0, 1, 2, 3, 4, 5]


def test_nothing_is_copied() -> None:
    buffer = bytearray(BYTES)
    pixels = np.zeros((2, 3), dtype=np.uint8)
    seen, flat = as_array(buffer), as_array(pixels)
    buffer[0], pixels[1, 2] = 99, 77
    assert (seen[0], flat[5]) == (99, 77)


@pytest.mark.parametrize("data", [np.zeros(4), "text", 5, None, [1, 2]])
def test_what_holds_no_bytes_is_refused(data: Any) -> None:
    with pytest.raises(ImageError, match="not bytes"):
        as_array(data)


@pytest.mark.parametrize(
    ("width", "height", "good"),
    [
        (1, 1, True),
        (8192, 8192, True),
        (MAX_SIDE, 4096, True),
        (8192, 8193, False),
        (MAX_SIDE + 1, 1, False),
        (0, 5, False),
        (5, -1, False),
    ],
)
def test_sizes_that_no_camera_has_are_refused(width: int, height: int, good: bool) -> None:
    if good:
        check_size(width, height)
        return
    with pytest.raises(ImageError, match=f"{width}x{height} pixels makes no sense"):
        check_size(width, height)
