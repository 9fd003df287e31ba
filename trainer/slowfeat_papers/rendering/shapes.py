"""The simple bodies that objects are put together from; all closed, corners
counterclockwise from outside.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from slowfeat_papers.rendering.mesh import Mesh

Point = npt.ArrayLike


def box(centre: Point, size: Point) -> Mesh:
    """A box along the axes, of (length x, width y, height z)."""
    corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]) / 2.0
    return block(corners * np.asarray(size) + np.asarray(centre))


def block(corners: npt.NDArray[np.float64]) -> Mesh:
    """A body of six sides on eight corners (8, 3), those of one end first;
    in which order decides nothing.
    """
    sides = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    faces = np.array([t for a, b, c, d in sides for t in ((a, b, c), (a, c, d))])
    mesh = Mesh(corners, faces, closed=True)
    return mesh if mesh.volume > 0 else Mesh(corners, faces[:, ::-1], closed=True)


def plate(root: Point, tip: Point, chord: float, thick: float, flat: bool = True) -> Mesh:
    """A wing from its root to its tip, half as deep there; upright where it is not flat."""
    t = thick / 2
    corners = [
        np.asarray(end) + ([x, 0, y] if flat else [x, y, 0])
        for end, depth in ((root, chord), (tip, chord / 2))
        for x in (-depth / 2, depth / 2)
        for y in (-t, t)
    ]
    return block(np.array(corners))


def ellipsoid(centre: Point, radii: Point, around: int = 12, rings: int = 7) -> Mesh:
    """An ellipsoid along the axes."""
    polar = np.linspace(0, np.pi, rings + 2)[1:-1]
    turn = np.arange(around) * 2 * np.pi / around
    ring = [[np.sin(p) * np.cos(t), np.sin(p) * np.sin(t), np.cos(p)] for p in polar for t in turn]
    points = np.array([[0, 0, 1], *ring, [0, 0, -1]])
    last = len(points) - 1
    faces = []
    for i in range(around):
        j = (i + 1) % around
        faces.append((0, 1 + i, 1 + j))
        for r in range(rings - 1):
            a, b = 1 + r * around, 1 + (r + 1) * around
            faces += [(a + i, b + i, b + j), (a + i, b + j, a + j)]
        a = 1 + (rings - 1) * around
        faces.append((a + i, last, a + j))
    return Mesh(points * np.asarray(radii) + np.asarray(centre), np.array(faces), closed=True)


def rod(
    start: Point, end: Point, radius: float, end_radius: float = -1.0, around: int = 10
) -> Mesh:
    """A cylinder from one point to another; a cone where its end is given another radius."""
    a, b = np.asarray(start, dtype=np.float64), np.asarray(end, dtype=np.float64)
    axis = (b - a) / max(float(np.linalg.norm(b - a)), 1e-12)
    helper = np.array([0.0, 0.0, 1.0]) if abs(axis[2]) < 0.9 else np.array([1.0, 0.0, 0.0])
    u = np.cross(helper, axis)
    u /= np.linalg.norm(u)
    v = np.cross(axis, u)
    turn = np.arange(around) * 2 * np.pi / around
    circle = np.outer(np.cos(turn), u) + np.outer(np.sin(turn), v)
    other = radius if end_radius < 0 else end_radius
    points = np.concatenate([a + radius * circle, b + other * circle, a[None], b[None]])
    faces = []
    for i in range(around):
        j = (i + 1) % around
        faces += [(i, j, around + j), (i, around + j, around + i)]
        faces += [(2 * around, j, i), (2 * around + 1, around + i, around + j)]
    return Mesh(points, np.array(faces), closed=True)
