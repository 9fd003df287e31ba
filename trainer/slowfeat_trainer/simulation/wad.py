"""Doom's WAD files: read the lumps of one map, write a map of our own.

A WAD is a header, the bytes of its lumps and a directory. A map is an empty marker lump with the
map's name, followed by lumps in a fixed order.
"""

from __future__ import annotations

import re
import struct
from pathlib import Path

from slowfeat.errors import SlowfeatError
from slowfeat.files import write_whole

HEADER = struct.Struct("<4sii")  # kind, number of lumps, offset of the directory
ENTRY = struct.Struct("<ii8s")  # offset, size, name
MAP_NAME = re.compile(r"^(E\dM\d|MAP\d\d)$")
MAP_LUMPS = (
    "THINGS",
    "LINEDEFS",
    "SIDEDEFS",
    "VERTEXES",
    "SEGS",
    "SSECTORS",
    "NODES",
    "SECTORS",
    "REJECT",
    "BLOCKMAP",
)


def read_directory(path: Path) -> list[tuple[str, int, int]]:
    """Name, offset and size in bytes of every lump, in the order of the file."""
    with path.open("rb") as file:
        kind, count, offset = HEADER.unpack(file.read(HEADER.size))
        if kind not in {b"IWAD", b"PWAD"}:
            raise SlowfeatError(f"{path} is not a WAD file")
        file.seek(offset)
        rows = [ENTRY.unpack(file.read(ENTRY.size)) for _ in range(count)]
    return [(name.rstrip(b"\0").decode("ascii"), at, size) for at, size, name in rows]


def map_names(path: Path) -> list[str]:
    """Names of the maps in a WAD file, such as MAP01 or E1M1."""
    return sorted(name for name, _, _ in read_directory(path) if MAP_NAME.match(name))


def read_map(path: Path, name: str) -> dict[str, bytes]:
    """The lumps of the map `name`, by lump name."""
    directory = read_directory(path)
    start = [row[0] for row in directory].index(name) + 1
    lumps = {}
    with path.open("rb") as file:
        for lump, at, size in directory[start : start + len(MAP_LUMPS)]:
            file.seek(at)
            lumps[lump] = file.read(size)
    missing = [lump for lump in MAP_LUMPS if lump not in lumps]
    if missing:
        raise SlowfeatError(f"map {name} in {path} has no {missing[0]}: not in Doom's map format")
    return lumps


def write_map(path: Path, name: str, lumps: dict[str, bytes]) -> None:
    """Write a WAD with one map that takes the place of the game's map of the same name."""
    entries = [(name, b""), *((lump, lumps[lump]) for lump in MAP_LUMPS)]
    body = b""
    directory = b""
    for lump, data in entries:
        directory += ENTRY.pack(HEADER.size + len(body), len(data), lump.encode("ascii"))
        body += data
    header = HEADER.pack(b"PWAD", len(entries), HEADER.size + len(body))
    write_whole(path, header + body + directory)
