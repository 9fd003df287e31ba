"""Images of objects from all around, to choose second views of: a turntable set, and a rendered
grid of views.

Both are arrays (objects, elevations, azimuths, H, W) in grey; azimuth wraps, elevation does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from slowfeat_papers.jayaraman.view_codes import CHOICES, LARGE
from slowfeat_papers.material.view_grid import make_grid

# COIL-20 in views of 5 degrees: turns of 15 to 60 degrees both ways.
TURNS = np.array([[0, turn] for turn in (-12, -9, -6, -3, 3, 6, 9, 12)])
GRID_SIDE = 64
# Objects of each of the five categories that are rendered, and used: as many in all as COIL-20 has.
GRID_INSTANCES, GRID_USED = 6, 4


@dataclass(frozen=True)
class ObjectViews:
    """Views of objects, and the motions to choose among."""

    # (O, E, A, H, W) grey.
    pictures: npt.NDArray[np.uint8]
    # (G, 2) steps of elevation and azimuth.
    motions: npt.NDArray[np.int64]


def turntable(file: Path) -> ObjectViews:
    """An npz of `images`, `object_id` and `azimuth_deg`, such as COIL-20's."""
    with np.load(file, allow_pickle=False) as data:
        order = np.lexsort((data["azimuth_deg"], data["object_id"]))
        count = len(np.unique(data["object_id"]))
        images = np.asarray(data["images"][order], dtype=np.uint8)
    return ObjectViews(images.reshape(count, 1, -1, *images.shape[1:]), TURNS)


def rendered(folder: Path) -> ObjectViews:
    """Objects of five categories in one light, rendered once into a folder.

    Nothing was learned from them here, so all are used, whatever they are for elsewhere.
    """
    folder.mkdir(parents=True, exist_ok=True)
    grid = make_grid(folder, GRID_SIDE, GRID_INSTANCES, 1)
    used = np.arange(len(grid.views)) % GRID_INSTANCES < GRID_USED
    return ObjectViews(np.asarray(grid.views[used, 0]), CHOICES[LARGE])
