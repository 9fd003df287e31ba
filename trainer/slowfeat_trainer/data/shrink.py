"""How an image becomes a frame of the dataset: the same in ingest, in
training and in the exported encoder.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from slowfeat.images import Image, resize_for_encoder
from slowfeat.scaled_decoding import WHOLE, wanted_of


@dataclass(frozen=True)
class Shrink:
    """How an image becomes a frame: stretched to a size, then cut.

    The encoder that is exported does the same in this order, so that robot and training agree.
    """

    # Height and width in pixels of the frame that is kept.
    size: tuple[int, int]
    # Share of the image cut off at the top, right, bottom and left.
    crop: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    # By which rule of slowfeat.scaled_decoding JPEGs are decoded.
    decoding: str = WHOLE

    @property
    def wanted(self) -> tuple[int, int] | None:
        """What `slowfeat.images.decode_message` is asked for; None: all pixels."""
        return wanted_of(self.decoding, self.whole)

    @cached_property
    def whole(self) -> tuple[int, int]:
        """Height and width to which the whole image is stretched before it is cut."""
        top, right, bottom, left = self.crop
        height, width = self.size
        return round(height / (1 - top - bottom)), round(width / (1 - left - right))

    @cached_property
    def corner(self) -> tuple[int, int]:
        """Row and column of the stretched image where the frame begins."""
        (height, width), (whole_height, whole_width) = self.size, self.whole
        return (
            min(round(whole_height * self.crop[0]), whole_height - height),
            min(round(whole_width * self.crop[3]), whole_width - width),
        )

    def field_of_view(self, whole: float | None) -> float | None:
        """Horizontal field of view of the frame in radians, from that of the whole image."""
        left_over = 1 - self.crop[1] - self.crop[3]
        return None if whole is None else float(2 * np.arctan(np.tan(whole / 2) * left_over))

    def lens(self, whole: list[float] | None) -> list[float] | None:
        """[fx, fy in half widths and half heights, bend] of the frame,
        from those of the whole image.
        """
        if whole is None:
            return None
        top, right, bottom, left = self.crop
        return [whole[0] / (1 - right - left), whole[1] / (1 - top - bottom), whole[2]]

    def __call__(self, picture: Image) -> Image:
        """The frame (H, W, 3) of an image (h, w, 3)."""
        row, column = self.corner
        stretched = resize_for_encoder(picture, self.whole)
        return stretched[row : row + self.size[0], column : column + self.size[1]]
