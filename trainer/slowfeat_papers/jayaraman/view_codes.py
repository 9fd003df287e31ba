"""Embeddings of objects from all around, and the motions that may be chosen among them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from slowfeat.errors import UsageError
from slowfeat_papers.material.view_grid import AZIMUTHS, ELEVATIONS, GridOfViews
from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.evaluation.compare import Embed
from slowfeat_trainer.metrics.equivariance import Matrix

LARGE = "larger motions"
# Steps of (elevation, azimuth) that may be chosen: of 5 degrees up or down and 20 to a side, or of
# 10 and 40 or 80.
CHOICES = {
    "single steps": np.array([[1, 0], [-1, 0], [0, 1], [0, -1]]),
    LARGE: np.array([[2, 0], [-2, 0], [0, 2], [0, -2], [0, 4], [0, -4]]),
}
# The same on a turntable of 5 degrees a view: turns by 5 or 10 degrees, or by 20, 40, or 60.
TURNS = {
    "single steps": np.array([[0, -2], [0, -1], [0, 1], [0, 2]]),
    LARGE: np.array([[0, -12], [0, -8], [0, -4], [0, 4], [0, 8], [0, 12]]),
}


@dataclass(frozen=True)
class Codes:
    """Embeddings of objects from all around, axes as the motions need them."""

    # (O, E, A, D); azimuth wraps, elevation does not.
    z: Matrix
    # (G, 2) steps of elevation and azimuth.
    motions: npt.NDArray[np.int64]

    @property
    def margin(self) -> int:
        """Rows of elevation at both ends from which some motion would lead out."""
        return int(np.abs(self.motions[:, 0]).max())

    def after(self, where: npt.NDArray[np.int64], g: int) -> Matrix:
        """Embeddings (N, D) after a motion from views (N, 3) [object, elevation, azimuth]."""
        o, e, a = where.T
        de, da = self.motions[g]
        return np.asarray(self.z[o, e + de, (a + da) % self.z.shape[2]])

    def starts(self) -> npt.NDArray[np.int64]:
        """All views (N, 3) from which every motion can be made."""
        objects, rows, columns = self.z.shape[:3]
        axes = np.arange(objects), np.arange(self.margin, rows - self.margin), np.arange(columns)
        return np.stack([x.reshape(-1) for x in np.meshgrid(*axes, indexing="ij")], axis=1)


def codes_of(embed: Embed, grid: GridOfViews, objects: npt.NDArray[np.int64]) -> Matrix:
    """Embeddings (O, E, A, D) of some objects in the first light."""
    grey = grid.views[objects, 0].reshape(-1, grid.side, grid.side)
    z = embed(FrameStack([np.repeat(grey[..., None], 3, axis=-1)]))
    return np.asarray(z.reshape(len(objects), len(ELEVATIONS), len(AZIMUTHS), -1))


def read_turntable(path: Path, side: int) -> npt.NDArray[np.uint8]:
    """Views (O, A, side, side, 3) of objects on a turntable, by azimuth.

    Raises:
        UsageError: the file lacks an array, or objects have different numbers of views.
    """
    try:
        with np.load(path, allow_pickle=False) as data:
            order = np.lexsort((data["azimuth_deg"], data["object_id"]))
            images, count = data["images"][order], len(np.unique(data["object_id"]))
    except (KeyError, ValueError, OSError) as error:
        raise UsageError(
            f"{path} is no turntable set: {error}; it must hold images, object_id and azimuth_deg"
        ) from error
    if len(images) % count:
        raise UsageError(f"{path}: its objects have different numbers of views")
    small = np.stack([cv2.resize(i, (side, side), interpolation=cv2.INTER_AREA) for i in images])
    grey = small.reshape(count, -1, side, side)
    return np.asarray(np.repeat(grey[..., None], 3, axis=-1))
