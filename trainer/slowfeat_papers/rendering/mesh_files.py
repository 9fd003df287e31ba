"""The formats of mesh files, each a function from a file's bytes to
vertices (V, 3) and faces (F, 3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import numpy.typing as npt

Arrays = tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]

PLY_TYPES = {
    **dict.fromkeys(("char", "int8"), "i1"),
    **dict.fromkeys(("uchar", "uint8"), "u1"),
    **dict.fromkeys(("short", "int16"), "i2"),
    **dict.fromkeys(("ushort", "uint16"), "u2"),
    **dict.fromkeys(("int", "int32"), "i4"),
    **dict.fromkeys(("uint", "uint32"), "u4"),
    **dict.fromkeys(("float", "float32"), "f4"),
    **dict.fromkeys(("double", "float64"), "f8"),
}
# Bytes of a binary STL's header, and of each triangle.
STL_HEADER, STL_TRIANGLE = 84, 50


class MeshFormatError(ValueError):
    """What is in the file does not follow its format."""


def triangles(polygons: Iterable[Sequence[int]]) -> npt.NDArray[np.int64]:
    """Polygons cut into triangles (F, 3), as a fan about the first corner."""
    found = [(p[0], p[i], p[i + 1]) for p in polygons for i in range(1, len(p) - 1)]
    return np.array(found, dtype=np.int64).reshape(-1, 3)


def read_obj(content: bytes) -> Arrays:
    """Wavefront OBJ: lines `v` and `f`; all others are passed over."""
    vertices: list[list[float]] = []
    polygons: list[list[int]] = []
    for line in content.decode("utf-8", errors="replace").splitlines():
        words = line.split()
        if words[:1] == ["v"]:
            vertices.append([float(w) for w in words[1:4]])
        elif words[:1] == ["f"]:
            numbers = [int(w.split("/")[0]) for w in words[1:]]
            # Counted from 1; negative ones back from the last vertex so far.
            polygons.append([n - 1 if n > 0 else len(vertices) + n for n in numbers])
    return np.array(vertices, dtype=np.float64).reshape(-1, 3), triangles(polygons)


def read_off(content: bytes) -> Arrays:
    """OFF as text; colours behind a face are passed over."""
    text = content.decode("ascii")
    lines = [line.split("#")[0].split() for line in text.splitlines()]
    lines = [words for words in lines if words]
    if not lines or not lines[0][0].startswith("OFF"):
        raise MeshFormatError("it does not begin with OFF")
    lines[0] = [lines[0][0][3:], *lines[0][1:]] if lines[0][0] != "OFF" else lines[0][1:]
    lines = lines if lines[0] else lines[1:]
    count, faces = int(lines[0][0]), int(lines[0][1])
    body = lines[1:]
    if len(body) < count + faces:
        raise MeshFormatError(f"it ends after {len(body)} of {count + faces} lines")
    vertices = np.array([[float(w) for w in words[:3]] for words in body[:count]])
    polygons = [[int(w) for w in f[1 : 1 + int(f[0])]] for f in body[count : count + faces]]
    return vertices.reshape(-1, 3), triangles(polygons)


def read_stl(content: bytes) -> Arrays:
    """STL, binary or text. Corners at one place become one vertex."""
    count = int.from_bytes(content[80:84], "little") if len(content) >= STL_HEADER else -1
    # Some binary files begin with "solid" too: the size decides.
    if len(content) == STL_HEADER + STL_TRIANGLE * count:
        body = np.frombuffer(content[STL_HEADER:], np.uint8).reshape(count, STL_TRIANGLE)
        corners = np.ascontiguousarray(body[:, 12:48]).view("<f4").reshape(-1, 3)
    elif content.lstrip()[:5].lower() == b"solid":
        lines = content.decode("utf-8", errors="replace").splitlines()
        words = [line.split() for line in lines]
        corners = np.array([[float(n) for n in w[1:4]] for w in words if w[:1] == ["vertex"]])
    else:
        raise MeshFormatError("it is neither a binary nor a text STL, or it is cut short")
    if len(corners) % 3:
        raise MeshFormatError("a triangle lacks a corner")
    vertices, number = np.unique(corners.reshape(-1, 3), axis=0, return_inverse=True)
    return vertices.astype(np.float64), number.reshape(-1, 3).astype(np.int64)


def read_ply(content: bytes) -> Arrays:
    """PLY as text or little-endian binary, with elements `vertex` and then `face`."""
    head, found, body = content.partition(b"end_header")
    if not head.startswith(b"ply") or not found:
        raise MeshFormatError("it has no PLY header")
    body = body[body.index(b"\n") + 1 :]
    form = ""
    elements: list[tuple[str, int, list[list[str]]]] = []
    for line in head.decode("ascii").splitlines():
        words = line.split()
        if words[:1] == ["format"]:
            form = words[1]
        elif words[:1] == ["element"]:
            elements.append((words[1], int(words[2]), []))
        elif words[:1] == ["property"] and elements:
            elements[-1][2].append(words[1:])
    names = [name for name, _, _ in elements]
    if names[:2] != ["vertex", "face"]:
        raise MeshFormatError(f"its elements are {', '.join(names)}, not vertex and face")
    (_, count, of_vertex), (_, faces, of_face) = elements[:2]
    columns = [p[-1] for p in of_vertex]
    place = [columns.index(axis) for axis in "xyz"]
    if form == "ascii":
        lines = [line.split() for line in body.decode("ascii").splitlines() if line.strip()]
        if len(lines) < count + faces:
            raise MeshFormatError(f"it ends after {len(lines)} of {count + faces} lines")
        vertices = np.array([[float(w[i]) for i in place] for w in lines[:count]])
        polygons = [[int(n) for n in w[1 : 1 + int(w[0])]] for w in lines[count : count + faces]]
        return vertices.reshape(-1, 3), triangles(polygons)
    if form != "binary_little_endian":
        raise MeshFormatError(f"its format {form or 'is missing'!r} is not read")
    row = np.dtype([(p[-1], "<" + PLY_TYPES[p[0]]) for p in of_vertex])
    if len(body) < count * row.itemsize:
        raise MeshFormatError("it is cut short")
    table = np.frombuffer(body, row, count)
    vertices = np.stack([table[axis].astype(np.float64) for axis in "xyz"], axis=1)
    return vertices, triangles(_binary_faces(body[count * row.itemsize :], faces, of_face))


def _binary_faces(body: bytes, count: int, properties: list[list[str]]) -> list[list[int]]:
    """The first list of each face; other properties are passed over."""
    at, polygons = 0, []
    for _ in range(count):
        found: list[int] = []
        for p in properties:
            length = 1
            if p[0] == "list":
                kind = np.dtype("<" + PLY_TYPES[p[1]])
                length = int(np.frombuffer(body, kind, 1, at)[0])
                at += kind.itemsize
            kind = np.dtype("<" + PLY_TYPES[p[-2]])
            values = np.frombuffer(body, kind, length, at)
            at += length * kind.itemsize
            if p[0] == "list" and not found:
                found = [int(v) for v in values]
        polygons.append(found)
    return polygons


READERS: dict[str, Callable[[bytes], Arrays]] = {
    ".obj": read_obj,
    ".stl": read_stl,
    ".ply": read_ply,
    ".off": read_off,
}
