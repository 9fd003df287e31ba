"""The formats of mesh files, from bytes made by hand."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from slowfeat.errors import UsageError
from slowfeat_papers.rendering.mesh import load_mesh

# A square of two triangles, and a triangle that stands on it.
POINTS = [[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0], [0.5, 0.5, 2]]
TRIANGLES = [[0, 1, 2], [0, 2, 3], [0, 1, 4]]


def corners(mesh):
    """The triangles by their places: files may number vertices as they like."""
    return mesh.vertices[mesh.faces]


def obj():
    lines = [f"v {x} {y} {z}" for x, y, z in POINTS]
    return "\n".join(["# made by hand", *lines, "f 1/1/1 2/2/1 3/3/1 4/4/1", "f -5 -4 -1"]).encode()


def off():
    lines = [f"{x} {y} {z}" for x, y, z in POINTS]
    return "\n".join(["OFF", "5 2 0", *lines, "4 0 1 2 3", "3 0 1 4 255 0 0"]).encode()


def stl_binary():
    body = b"".join(
        struct.pack("<12fH", 0, 0, 0, *np.array(POINTS)[t].reshape(-1), 0) for t in TRIANGLES
    )
    return b"solid misleading".ljust(80) + struct.pack("<I", 3) + body


def stl_text():
    rows = ["solid s"]
    for t in TRIANGLES:
        rows += ["facet normal 0 0 0", "outer loop"]
        rows += ["vertex {} {} {}".format(*POINTS[i]) for i in t] + ["endloop", "endfacet"]
    return "\n".join([*rows, "endsolid"]).encode()


def ply_text():
    head = (
        "ply\nformat ascii 1.0\nelement vertex 5\nproperty float x\nproperty float y\nproperty "
        "float z\n"
    )
    head += "element face 2\nproperty list uchar int vertex_indices\nend_header\n"
    lines = [f"{x} {y} {z}" for x, y, z in POINTS]
    return (head + "\n".join([*lines, "4 0 1 2 3", "3 0 1 4"])).encode()


def ply_binary():
    head = "ply\nformat binary_little_endian 1.0\ncomment x\nelement vertex 5\nproperty float x\n"
    head += "property float y\nproperty double z\nproperty uchar red\nelement face 2\n"
    head += "property uchar flag\nproperty list uchar int vertex_indices\nend_header\n"
    body = b"".join(struct.pack("<ffdB", *p, 7) for p in POINTS)
    return head.encode() + body + struct.pack("<BB4iBB3i", 1, 4, 0, 1, 2, 3, 1, 3, 0, 1, 4)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.obj", obj()),
        ("a.off", off()),
        ("b.stl", stl_binary()),
        ("t.stl", stl_text()),
        ("a.ply", ply_text()),
        ("b.ply", ply_binary()),
    ],
)
def test_the_same_mesh_comes_out_of_every_format(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    mesh = load_mesh(tmp_path / name)
    np.testing.assert_allclose(corners(mesh), np.array(POINTS)[TRIANGLES])


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.xyz", b"", "a mesh is one of"),
        ("a.obj", b"v 0 0 0\n", "no triangle"),
        ("a.obj", b"v 0 0 zero\n", "not a mesh"),
        ("a.obj", b"v 0 0 0\nf 1 2 3\n", "a vertex that is not there"),
        ("a.stl", b"nonsense", "neither"),
        ("a.ply", b"obj", "no PLY header"),
        ("a.ply", ply_binary()[:-30], "not a mesh"),
        ("a.ply", ply_text().replace(b"ascii", b"binary_big_endian"), "big_endian"),
        ("a.off", off()[:30], "ends after"),
        ("a.off", b"", "begin with OFF"),
    ],
)
def test_a_bad_file_is_refused_in_one_line(tmp_path, name, content, says):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UsageError, match=says) as error:
        load_mesh(tmp_path / name)
    assert "\n" not in str(error.value)
