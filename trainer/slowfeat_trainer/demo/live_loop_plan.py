"""The plan of a closed loop: the robot's path among the walls, seen from above."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from slowfeat.geometry import Array
from slowfeat.nodes.messages import stamp_ns
from slowfeat_trainer.page.inline_images import evenly
from slowfeat_trainer.page.plots import MARGIN, SIZE, svg, time_colour
from slowfeat_trainer.simulation import wad
from slowfeat_trainer.simulation.level import tame
from slowfeat_trainer.simulation.world import list_maps

if TYPE_CHECKING:
    from slowfeat_trainer.demo.live_loop import Drive

Stamps = npt.NDArray[np.int64]

# Around the path, m; and the least that is shown of a robot that hardly moved.
AROUND_M, LEAST_M = 1.5, 4.0
# A plan is no lower than this share of its width.
FLATTEST = 0.45
LINES = 400


def plan(drive: Drive, shown_ns: Stamps, frame_s: float) -> str:
    """Path, decisions and walls, with a dot that follows the film.

    Args:
        drive: what was heard.
        shown_ns: (F,) stamps of the film's frames; none for no dot.
        frame_s: how long each is shown, s.
    """
    path = np.array(drive.path, dtype=np.float64)
    places, stamps = path[:, 1:3], np.array([p[0] for p in drive.path], dtype=np.int64)
    low, high = places.min(axis=0) - AROUND_M, places.max(axis=0) + AROUND_M
    width = max(float((high - low)[0]), LEAST_M, float((high - low)[1]))
    height = max(float((high - low)[1]), FLATTEST * width)
    scale = (SIZE - 2 * MARGIN) / width
    size = (SIZE, round(scale * height + 2 * MARGIN))
    corner = (low + high) / 2 + np.array([-width, height]) / 2

    def at(some: Array) -> Array:
        return np.asarray((some - corner) * (scale, -scale) + MARGIN)

    points = at(places)
    thin = points[evenly(len(points), LINES)]
    lines = "".join(
        _line(a, b, f'stroke="{time_colour(i / max(len(thin) - 1, 1))}" stroke-width="2.5"')
        for i, (a, b) in enumerate(pairwise(thin))
    )
    dots = ""
    for choice in drive.choices:
        x, y = points[int(np.abs(stamps - stamp_ns(choice.header)).argmin())]
        dots += f'<circle class="after" cx="{x:.1f}" cy="{y:.1f}" r="2.5"/>'
    followed = points[[int(np.abs(stamps - t).argmin()) for t in shown_ns]]
    drawn = _walls(drive.map_name, at, size) + lines + dots + _moving(followed, frame_s)
    return svg(*size, "the robot's path from above", drawn + _metre(scale, size[1]))


def _line(a: Array, b: Array, style: str) -> str:
    return f'<line x1="{a[0]:.1f}" y1="{a[1]:.1f}" x2="{b[0]:.1f}" y2="{b[1]:.1f}" {style}/>'


def _walls(map_name: str, at: Callable[[Array], Array], size: tuple[int, int]) -> str:
    """What of the map's walls is in the image; nothing of a map that is not known."""
    maps = list_maps()
    if map_name not in maps:
        return ""
    ends = at(tame(wad.read_map(maps[map_name], map_name)).walls)
    inside = (ends.max(axis=1) > 0).all(axis=1) & (ends.min(axis=1) < size).all(axis=1)
    return "".join(_line(a, b, 'class="wall"') for a, b in ends[inside])


def _moving(points: Array, frame_s: float) -> str:
    if not len(points):
        return ""
    seconds = len(points) * frame_s
    animated = "".join(
        f'<animate attributeName="{name}" calcMode="discrete" dur="{seconds:g}s" '
        f'repeatCount="indefinite" values="{";".join(f"{p[k]:.1f}" for p in points)}"/>'
        for k, name in enumerate(("cx", "cy"))
    )
    return f'<circle class="here" r="6">{animated}</circle>'


def _metre(scale: float, height: int) -> str:
    """How long a metre is."""
    y = height - 8
    return (
        f'<path class="axis" d="M{MARGIN} {y}h{scale:.1f}m0 -4v8M{MARGIN} {y - 4}v8"/>'
        f'<text x="{MARGIN + scale + 6:.0f}" y="{y + 4}">1 m</text>'
    )
