"""Triangle meshes, made here or read from a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from slowfeat.errors import UsageError
from slowfeat_papers.rendering.mesh_files import READERS, MeshFormatError

Vertices = npt.NDArray[np.float64]
Faces = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Mesh:
    """A surface of triangles; x forward, y left, z up."""

    # (V, 3)
    vertices: Vertices
    # (F, 3) numbers of the vertices, counterclockwise seen from outside.
    faces: Faces
    # Whether nobody can look inside: then faces that are turned away need not be drawn.
    closed: bool = False

    @property
    def centre(self) -> Vertices:
        """(3,) middle of the bounding box."""
        return np.asarray((self.vertices.min(axis=0) + self.vertices.max(axis=0)) / 2)

    @property
    def radius(self) -> float:
        """Distance of the farthest vertex from the middle."""
        return float(np.linalg.norm(self.vertices - self.centre, axis=1).max())

    @property
    def volume(self) -> float:
        """What a closed surface encloses; negative where its faces look inwards."""
        a, b, c = (self.vertices[self.faces[:, k]] for k in range(3))
        return float((a * np.cross(b, c)).sum() / 6)

    def turned(self, degrees: float) -> Mesh:
        """Turned about the vertical through its middle, counterclockwise seen from above."""
        a, centre = np.deg2rad(degrees), self.centre
        turn = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
        return Mesh((self.vertices - centre) @ turn.T + centre, self.faces, self.closed)


def join(parts: list[Mesh]) -> Mesh:
    """Several meshes as one."""
    starts = np.cumsum([0, *(len(part.vertices) for part in parts)])
    faces = [part.faces + start for part, start in zip(parts, starts, strict=False)]
    vertices = np.concatenate([part.vertices for part in parts])
    return Mesh(vertices, np.concatenate(faces), all(part.closed for part in parts))


def load_mesh(path: Path) -> Mesh:
    """A mesh from an OBJ, STL, PLY or OFF file; polygons are cut into triangles.

    Raises:
        UsageError: the file cannot be read, or holds no triangle.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise UsageError(f"{path}: a mesh is one of {', '.join(READERS)}")
    try:
        vertices, faces = reader(path.read_bytes())
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from error
    except (MeshFormatError, ValueError, IndexError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not a mesh that can be read: {error}") from error
    if not len(faces) or not np.isfinite(vertices).all():
        raise UsageError(f"{path} holds no triangle, or coordinates that are not finite")
    if faces.min() < 0 or faces.max() >= len(vertices):
        raise UsageError(f"{path}: a face names a vertex that is not there")
    return Mesh(vertices, faces)
