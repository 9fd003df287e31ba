"""Where between three samples a peak lies."""

from __future__ import annotations

import numpy as np

from slowfeat.geometry import Array


def beside_peak(left: Array, middle: Array, right: Array) -> Array:
    """Vertices (K,) of the parabolas through samples (K,) at -1, 0 and
    1; 0 where these do not peak.
    """
    bend = left - 2 * middle + right
    return np.where(bend < 0, 0.5 * (left - right) / np.where(bend < 0, bend, 1.0), 0.0)
