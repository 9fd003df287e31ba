"""How much each column of a map counts in the embedding.

What a turn brings into view comes in at the sides, and no map can know it in advance. A window that
falls off towards the sides, as in the registration of images by their spectra, keeps that from
deciding the distance between two embeddings. Nothing is lost: the transform divides by the window
before it moves a map.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

# The outermost columns keep about this share, so that dividing by it stays harmless.
FLOOR = 0.1


def map_window(shape: tuple[int, int, int], power: float) -> Tensor:
    """Weights (rows, columns) whose squares sum to 1: a cosine over the width to a power; 0 leaves
    all alike.

    So the norm of an embedding is that of one place of its map, however many places there are.

    Args:
        shape: channels, rows, columns of the map.
        power: 0 for none; 2 is Hann's window.
    """
    _, rows, columns = shape
    u = (2 * torch.arange(columns) + 1) / columns - 1
    column = FLOOR + (1 - FLOOR) * torch.cos(math.pi / 2 * u) ** power
    window = column.expand(rows, columns)
    return window / window.pow(2).sum().sqrt()
