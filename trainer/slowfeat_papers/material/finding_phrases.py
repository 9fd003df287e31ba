"""Figures in words, alike on all pages of results."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def spread(values: Sequence[float], digits: int = 3) -> str:
    """Mean, and standard deviation where there are several."""
    text = f"{np.mean(values):.{digits}f}"
    return text if len(values) < 2 else f"{text} ±{np.std(values, ddof=1):.{digits}f}"


def mean(values: Sequence[float]) -> float:
    """Mean of some values."""
    return float(np.mean(values))
