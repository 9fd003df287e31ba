"""The grid of views of one object (Goroshin et al. 2015, section 3): 90
by 90 degrees about two axes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from slowfeat.files import write_array
from slowfeat_papers.material.part import Bench
from slowfeat_trainer.console.terminal import progress_bar
from slowfeat_trainer.models.toy_manifold import SIDE

RANGE_DEG = 90
# Share of the views that nothing is trained on.
HELD_OUT = 0.1


@dataclass(frozen=True)
class Views:
    """Rendered views."""

    # (N, 96, 96, 3) uint8.
    frames: npt.NDArray[np.uint8]
    # (N, 2) azimuth and elevation of each in steps, and the step in degrees.
    place: npt.NDArray[np.int64]
    step_deg: float

    @property
    def angles(self) -> npt.NDArray[np.float64]:
        """(N, 2) azimuth and elevation in degrees."""
        return self.place.astype(np.float64) * self.step_deg

    def held_out(self, seed: int) -> npt.NDArray[np.bool_]:
        """(N,) which views are held out of training."""
        return np.random.default_rng([seed, 17]).random(len(self.place)) < HELD_OUT


def toy_views(bench: Bench, step_deg: int) -> Views:
    """Views of the user's mesh, or of an aeroplane of ours; rendered once."""
    from slowfeat_papers.rendering.mesh import load_mesh
    from slowfeat_papers.rendering.objects import make_object
    from slowfeat_papers.rendering.view import render

    mesh = bench.sources.mesh
    steps = np.arange(RANGE_DEG // step_deg)
    place = np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1).reshape(-1, 2)
    name = "ours" if mesh is None else f"{mesh.stem}_{mesh.stat().st_size}"
    file = bench.common / f"toy_{name}_{step_deg}.npy"
    if not file.is_file():
        shape = make_object("aeroplane", 0) if mesh is None else load_mesh(mesh)
        views = []
        with progress_bar(len(place), "views", "view") as bar:
            for azimuth, elevation in place * float(step_deg):
                views.append(render(shape, azimuth, elevation, SIDE))
                bar.update()
        write_array(file, np.stack(views))
    grey = np.load(file, allow_pickle=False)
    return Views(np.repeat(grey[..., None], 3, axis=-1), place, float(step_deg))
