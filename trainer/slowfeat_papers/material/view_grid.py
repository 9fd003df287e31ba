"""Objects seen from a grid of elevations and azimuths: the twin of NORB, rendered.

As in NORB (LeCun et al. 2004): objects of five categories, nine elevations 5 degrees apart,
eighteen azimuths 20 degrees apart, several lights. Azimuth wraps, elevation does not. A recording
is a walk on the grid of one object in one light, a step each half second; its pose is a translation
in units of grid steps (x: elevation, y: azimuth, unrolled), so that motions are exact and compose
by addition.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from slowfeat.files import write_array
from slowfeat.odometry import NS
from slowfeat_papers.rendering.objects import CATEGORIES, make_object
from slowfeat_papers.rendering.view import Light, render_lights
from slowfeat_trainer.console.terminal import progress_bar
from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.data.pairs import Part

Index = npt.NDArray[np.int64]

ELEVATIONS = tuple(range(30, 75, 5))
AZIMUTHS = tuple(range(0, 360, 20))
LIGHTS = (Light(40, 50, 0.3), Light(-60, 30, 0.35), Light(0, 80, 0.25))
# Time between two steps of a walk, s: that of the pairs that are measured.
STEP_S = 0.5
# The four atomic motions in steps of (elevation, azimuth).
MOTIONS = np.array([[1, 0], [-1, 0], [0, 1], [0, -1]])
# Number of the first object of each third, in every category. Margins, weights of terms and
# learning rates were chosen on objects 5 to 14: what is reported is measured on others.
FIRST = (0, 100, 200)


@dataclass(frozen=True)
class GridOfViews:
    """All views of all objects."""

    # (O, L, E, A, side, side) grey, memory-mapped; objects category by category.
    views: npt.NDArray[np.uint8]
    # Objects of each category: a third to learn motions from, a third with a few labels, a third
    # never seen.
    instances: int

    @property
    def side(self) -> int:
        """Pixels."""
        return int(self.views.shape[-1])

    @property
    def category(self) -> Index:
        """(O,) number of each object's category."""
        return np.arange(len(self.views)) // self.instances

    def third(self, number: int) -> Index:
        """Objects of the first, second or last third of each category."""
        share = self.instances // 3
        return np.flatnonzero(np.arange(len(self.views)) % self.instances // share == number)

    @property
    def known(self) -> Index:
        """The objects whose motions are learned from."""
        return self.third(0)

    @property
    def labelled(self) -> Index:
        """The objects that are to be recognised by a few labelled views."""
        return self.third(1)

    @property
    def unseen(self) -> Index:
        """The objects that nothing learns from."""
        return self.third(2)

    def frames(self, objects: Index, light: Index, elevation: Index, azimuth: Index) -> FrameStack:
        """RGB frames (N, side, side, 3) of some views; azimuths may be unrolled."""
        grey = self.views[objects, light, elevation, azimuth % len(AZIMUTHS)]
        return FrameStack([np.repeat(grey[..., None], 3, axis=-1)])


def make_grid(common: Path, side: int, instances: int = 15, lights: int = 2) -> GridOfViews:
    """The views, rendered once.

    Args:
        common: folder that keeps them.
        side: pixels.
        instances: of each category, a third of them from each of FIRST on; a multiple of three.
        lights: at most those of LIGHTS.
    """
    share = instances // len(FIRST)
    starts = "_".join(map(str, FIRST))
    file = common / f"grid_{side}px_{share}x{len(CATEGORIES)}_from_{starts}_{lights}lights.npy"
    if not file.is_file():
        shape = (len(CATEGORIES) * instances, lights, len(ELEVATIONS), len(AZIMUTHS), side, side)
        views = np.empty(shape, dtype=np.uint8)
        with progress_bar(len(views), "render", "object") as bar:
            for number in range(len(views)):
                third, place = divmod(number % instances, share)
                mesh = make_object(CATEGORIES[number // instances], FIRST[third] + place)
                for e, elevation in enumerate(ELEVATIONS):
                    for a, azimuth in enumerate(AZIMUTHS):
                        seen = render_lights(mesh, azimuth, elevation, side, LIGHTS[:lights])
                        views[number, :, e, a] = seen
                bar.update()
        write_array(file, views)
    return GridOfViews(np.load(file, mmap_mode="r"), instances)


def walk(rng: np.random.Generator, steps: int, straight: float) -> Index:
    """Positions (steps, 2) [elevation, azimuth unrolled] of a walk that never turns back on itself.

    Args:
        rng: of its turns.
        steps: positions.
        straight: probability of going on as before; else it turns to one of the two sides.
    """
    at = np.array([rng.integers(len(ELEVATIONS)), rng.integers(len(AZIMUTHS))])
    heading = MOTIONS[rng.integers(len(MOTIONS))]
    path = [at]
    for _ in range(steps - 1):
        turned = heading[::-1] * rng.choice([-1, 1])
        wanted, other = (turned, heading) if rng.random() >= straight else (heading, turned)
        # At the top or the bottom there is one way less.
        heading = wanted if 0 <= at[0] + wanted[0] < len(ELEVATIONS) else other
        at = at + heading
        path.append(at)
    return np.stack(path)


def walks(grid: GridOfViews, objects: Index, steps: int, straight: float, seed: int) -> Part:
    """Walks around some objects, one in each light; each is a block of its own.

    Args:
        grid: the views.
        objects: numbers of objects.
        steps: of each walk.
        straight: as in `walk`.
        seed: of the walks.
    """
    rng = np.random.default_rng([seed, 17])
    lights = grid.views.shape[1]
    paths = np.concatenate([walk(rng, steps, straight) for _ in range(len(objects) * lights)])
    which = np.repeat(objects, lights * steps)
    light = np.tile(np.repeat(np.arange(lights), steps), len(objects))
    poses = np.tile(np.eye(4), (len(paths), 1, 1))
    poses[:, :2, 3] = paths
    stamps = np.tile(np.arange(steps), len(objects) * lights) * round(STEP_S * NS)
    return Part(
        frames=grid.frames(which, light, paths[:, 0], paths[:, 1]),
        stamps=stamps.astype(np.int64),
        poses=poses,
        block=np.repeat(np.arange(len(objects) * lights), steps),
        source=which,
    )


@dataclass(frozen=True)
class Views:
    """Views of some objects, each once."""

    frames: FrameStack
    # (N,) object, light, elevation, azimuth of each.
    of_object: Index
    light: Index
    elevation: Index
    azimuth: Index


def every_view(grid: GridOfViews, objects: Index) -> Views:
    """All views of some objects."""
    lights = np.arange(grid.views.shape[1])
    axes = (objects, lights, np.arange(len(ELEVATIONS)), np.arange(len(AZIMUTHS)))
    o, light, e, a = (x.reshape(-1) for x in np.meshgrid(*axes, indexing="ij"))
    return Views(grid.frames(o, light, e, a), o, light, e, a)
