"""A grey image of a mesh on a turntable: flat shading and a depth buffer, in numpy alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from slowfeat_papers.rendering.mesh import Mesh

Grey = npt.NDArray[np.uint8]

# Images are drawn this many times larger and shrunk, so that edges are smooth.
FINER = 2
# Share of the image's half side that the mesh's radius takes, so that no view is cut off.
FILLS = 0.92


@dataclass(frozen=True)
class Light:
    """A lamp far away that stands still in the room, as the camera's side
    does, while the object turns.
    """

    # Counterclockwise from the camera's side, seen from above.
    azimuth_deg: float = 40.0
    elevation_deg: float = 50.0
    # Share of the light that comes from everywhere.
    ambient: float = 0.3

    @property
    def direction(self) -> npt.NDArray[np.float64]:
        """(3,) towards the lamp, in the room: x to the camera's side, z up."""
        a, e = np.deg2rad([self.azimuth_deg, self.elevation_deg])
        return np.array([np.cos(e) * np.cos(a), np.cos(e) * np.sin(a), np.sin(e)])


LIGHT = Light()


def render(
    mesh: Mesh,
    azimuth_deg: float,
    elevation_deg: float,
    side: int,
    light: Light = LIGHT,
    background: int = 128,
) -> Grey:
    """A parallel projection, (side, side) uint8.

    Args:
        mesh: the object.
        azimuth_deg: from where it is seen, counterclockwise from its front, seen from above; 0 is
            from the front, 90 from its left.
        elevation_deg: 0 from its side, 90 from above.
        side: pixels.
        light: stands still while the object turns.
        background: grey value.
    """
    pictures = render_lights(mesh, azimuth_deg, elevation_deg, side, (light,), background)
    return np.asarray(pictures[0])


def render_lights(
    mesh: Mesh,
    azimuth_deg: float,
    elevation_deg: float,
    side: int,
    lights: Sequence[Light],
    background: int = 128,
) -> Grey:
    """One view in several lights (L, side, side), hardly dearer than in
    one; arguments as of `render`.
    """
    # To the room: x to the camera's side. The mesh turns the other way than the camera would.
    vertices = mesh.turned(-azimuth_deg).vertices - mesh.centre
    e = np.deg2rad(elevation_deg)
    large = side * FINER
    scale = FILLS * large / 2 / max(mesh.radius, 1e-12)
    up = np.array([-np.sin(e), 0.0, np.cos(e)])
    towards = np.array([np.cos(e), 0.0, np.sin(e)])
    # Room y is to the right in the image for a viewer who looks along -x.
    points = np.stack(
        [
            large / 2 + scale * vertices[:, 1],
            large / 2 - scale * (vertices @ up),
            -(vertices @ towards),
        ],
        axis=1,
    )
    normals = _normals(vertices[mesh.faces])
    facing = normals @ towards
    shown = facing > 0 if mesh.closed else np.ones(len(normals), dtype=bool)
    # Files are not to be trusted with the order of corners: the side that is seen is the one that
    # is lit.
    normals = np.where((facing < 0)[:, None], -normals, normals)
    seen = _visible(points[mesh.faces[shown]], large)
    pictures = []
    for light in lights:
        # The last one is what is seen where there is no face.
        shades = np.append(_shades(normals[shown], light), np.uint8(background))
        pictures.append(cv2.resize(shades[seen], (side, side), interpolation=cv2.INTER_AREA))
    return np.stack(pictures)


def _normals(corners: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Unit normals (F, 3) of triangles (F, 3, 3)."""
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    return np.asarray(normal / np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12))


def _shades(normals: npt.NDArray[np.float64], light: Light) -> Grey:
    """Brightness (F,) of faces with normals (F, 3), after Lambert."""
    lit = np.maximum(normals @ light.direction, 0.0)
    return np.round(255 * (light.ambient + (1 - light.ambient) * lit)).clip(0, 255).astype(np.uint8)


def _visible(triangles: npt.NDArray[np.float64], side: int) -> npt.NDArray[np.int64]:
    """Which of some triangles (F, 3, [column, row, depth]) each pixel (side, side) shows, the
    nearest; -1 for none.

    All pixels of the boxes around all triangles are looked at at once.
    """
    low = np.clip(np.ceil(triangles[:, :, :2].min(axis=1) - 0.5), 0, side).astype(np.int64)
    high = np.clip(np.floor(triangles[:, :, :2].max(axis=1) - 0.5) + 1, 0, side).astype(np.int64)
    extent = np.maximum(high - low, 0)
    count = extent[:, 0] * extent[:, 1]
    which = np.repeat(np.arange(len(triangles)), count)
    inner = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    width = extent[which, 0]
    row, column = low[which, 1] + inner // width, low[which, 0] + inner % width
    (x0, y0, z0), (x1, y1, z1), (x2, y2, z2) = (triangles[:, k].T for k in range(3))
    double_area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
    inverse = np.where(
        np.abs(double_area) > 1e-12, 1 / np.where(double_area == 0, 1, double_area), 0
    )
    # Barycentric coordinates are affine in the pixel: a + b column + c row.
    of_1 = _affine(x2 - x0, y2 - y0, x0, y0, -inverse)
    of_2 = _affine(x1 - x0, y1 - y0, x0, y0, inverse)
    px, py = column + 0.5, row + 0.5
    second = of_1[0][which] + of_1[1][which] * px + of_1[2][which] * py
    third = of_2[0][which] + of_2[1][which] * px + of_2[2][which] * py
    inside = (second >= 0) & (third >= 0) & (second + third <= 1) & (inverse[which] != 0)
    which, second, third = which[inside], second[inside], third[inside]
    pixel = (row * side + column)[inside]
    depth = z0[which] + second * (z1 - z0)[which] + third * (z2 - z0)[which]
    nearest = np.full(side * side, np.inf)
    np.minimum.at(nearest, pixel, depth)
    seen = depth == nearest[pixel]
    face = np.full(side * side, -1, dtype=np.int64)
    face[pixel[seen]] = which[seen]
    return face.reshape(side, side)


Column = npt.NDArray[np.float64]


def _affine(
    dx: Column, dy: Column, x0: Column, y0: Column, scale: Column
) -> tuple[Column, Column, Column]:
    """Coefficients (F,) of scale * (dx (y - y0) - dy (x - x0)): constant, of x, of y."""
    return scale * (dy * x0 - dx * y0), -scale * dy, scale * dx
