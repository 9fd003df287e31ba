"""How well cuts between scenes are found (Goroshin et al. 2015, section 5: large l2 changes)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Index = npt.NDArray[np.int64]


class CutFigures(NamedTuple):
    """Precision and recall; a random guess has the precision `chance`."""

    precision: float
    recall: float
    chance: float


def cut_figures(scene: Index, truth: Index) -> CutFigures:
    """Cuts found, where the scene (N,) of a frame is another than the last one's, against the true
    ones.

    Without any cut found the precision is 0, as the recall is.
    """
    found, real = np.diff(scene) != 0, np.diff(truth) != 0
    both = float((found & real).sum())
    return CutFigures(
        both / max(float(found.sum()), 1.0),
        both / max(float(real.sum()), 1.0),
        float(real.mean()) if len(real) else 0.0,
    )
