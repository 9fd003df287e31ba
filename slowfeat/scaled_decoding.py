"""How much of a JPEG is decoded: one rule, by which the trainer reads bags and the robot a camera.

A JPEG can be decoded at a half, a quarter or an eighth of its size at a fraction of the cost: the
inverse cosine transform then gives 4x4, 2x2 or 1x1 pixels of a block of 8x8. An image that is
shrunk afterwards looks almost the same. The rule "scaled" takes the largest such reduction that
leaves LEAST_PIXELS pixels for each wanted one (twice the wanted size, by area), and LEAST_SIDE
times the wanted height and width. What is wanted is the size to which the whole image is stretched,
before a crop. The rule "whole" decodes every pixel: that of bundles and datasets that name no rule.
Other formats than JPEG are always decoded whole.
"""

from __future__ import annotations

WHOLE, SCALED = "whole", "scaled"
RULES = (WHOLE, SCALED)
# Height and width, pixels.
Size = tuple[int, int]

LEAST_PIXELS, LEAST_SIDE = 4.0, 1.5
# Where the size is no multiple of the reduction, the last block is decoded to its end, and the
# image is that much too large: at most so many of the wanted pixels.
MOST_EXCESS = 0.25
# Reduction to the flag that cv2.imdecode and cv2.imread know it by (cv2.IMREAD_REDUCED_GRAYSCALE_2
# and so on); as numbers, since the program's --help reads this module and must not load OpenCV.
FLAGS = {1: 0, 2: 16, 4: 32, 8: 64}


def wanted_of(rule: str, size: Size) -> Size | None:
    """What a decoder is asked for by a rule, where images are stretched to `size`; None: all."""
    return size if rule == SCALED else None


def reduction(height: int, width: int, wanted: Size | None) -> int:
    """1, 2, 4 or 8: by how much an image is reduced while it is decoded.

    Args:
        height: of the image as it is stored, pixels.
        width: likewise.
        wanted: (height, width) to which it is stretched afterwards; None: all pixels are wanted.
    """
    if wanted is None:
        return 1
    sides = ((height, wanted[0]), (width, wanted[1]))
    for factor in (8, 4, 2):
        if height * width >= LEAST_PIXELS * factor**2 * wanted[0] * wanted[1] and all(
            side >= LEAST_SIDE * factor * least and -side % factor * least <= MOST_EXCESS * side
            for side, least in sides
        ):
            return factor
    return 1
