"""Images of 8 to 14 bits in 16-bit containers: how many bits are used, and which eight are kept.

A camera of 12 bits publishes mono16 with values up to 4095; its high byte alone would be 16 nearly
black shades. How many bits are used is found once, over a drive, and stated in the bundle, so that
training and robot scale alike.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

FULL_BITS = 16
# What sensors have.
BIT_DEPTHS = (8, 10, 12, 14, FULL_BITS)

_PNG = b"\x89PNG\r\n\x1a\n"


def bits_for(largest: int) -> int:
    """The fewest bits of a sensor that hold a value."""
    return next((bits for bits in BIT_DEPTHS if largest < 1 << bits), FULL_BITS)


def to_8_bits(
    rows: npt.NDArray[np.uint8], is_bigendian: bool | int, bits: int = FULL_BITS
) -> npt.NDArray[np.uint8]:
    """The highest 8 of the bits in use, (H, W), of rows of 16-bit values (H,
    2 W); what is larger is white.
    """
    high = 0 if is_bigendian else 1
    if bits >= FULL_BITS:
        # The high byte is all that 8 bits can hold.
        return rows[:, high::2]
    values = rows[:, high::2].astype(np.uint16) << 8 | rows[:, 1 - high :: 2]
    return np.asarray(np.minimum(values >> (bits - 8), 255), dtype=np.uint8)


def shifted(values: npt.NDArray[Any], bits: int) -> npt.NDArray[np.uint8]:
    """The highest 8 of the bits in use of decoded values of 8 or 16 bits."""
    if values.dtype == np.uint8:
        return values
    return np.asarray(np.minimum(values.astype(np.uint16) >> (bits - 8), 255), dtype=np.uint8)


def is_deep_file(data: npt.NDArray[np.uint8]) -> bool:
    """Whether a compressed image is a png or tiff of 16 bits a channel."""
    start = data[:32].tobytes()
    if start.startswith(_PNG) and len(start) > 24:
        return start[24] == 16
    return False
