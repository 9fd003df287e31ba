"""Documents, files and words that are wrong in a drawn way."""

from __future__ import annotations

import copy
import random
from typing import Any

# What stands where something else was expected; each is legal JSON or YAML of some writer.
VALUES: list[Any] = [
    *(None, True, False, 0, -1, 1, 2, 2**31, 2**63, 2**64, 10**400, 0.5, -0.0, 1e308, 1e-308),
    *(float("nan"), float("inf"), -float("inf"), "", "x", "../../../etc/passwd", "\x00", "\x1b[2J"),
    *("a\nb", "é" * 300, "1", "nan", [], [1], ["x"], [None] * 6, [float("nan")] * 6, [1e39] * 6),
    *([[]], {}, {"a": 1}, {"": None}, [0] * 7, [[1, 2], [3]]),
]


def places(document: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of everything in a document."""
    items = (
        document.items()
        if isinstance(document, dict)
        else enumerate(document[:3])
        if isinstance(document, list | tuple)
        else ()
    )
    found = [at] if at else []
    for key, value in items:
        found += places(value, (*at, key))
    return found


def mutated(document: Any, rng: random.Random) -> Any:
    """A copy with up to three places changed, gone, doubled or new."""
    new = copy.deepcopy(document)
    for _ in range(rng.randint(1, 3)):
        there = places(new)
        if not there:
            break
        *path, last = rng.choice(there)
        parent = new
        for key in path:
            parent = parent[key]
        if isinstance(parent, tuple):
            continue
        way = rng.randrange(5)
        if way == 0:
            del parent[last]
        elif way == 1 and isinstance(parent, dict):
            parent[rng.choice(["new", "", "__class__", "a b"])] = rng.choice(VALUES)
        elif way == 2 and isinstance(parent, list):
            parent += copy.deepcopy(parent)
        elif way == 3 and isinstance(parent[last], int | float):
            parent[last] = -parent[last]
        else:
            parent[last] = copy.deepcopy(rng.choice(VALUES))
    return new


def damaged(data: bytes, rng: random.Random) -> bytes:
    """A file with bytes flipped, cut off, doubled, or filled with zeros."""
    if not data:
        return b"\0"
    at = rng.randrange(len(data))
    end = min(len(data), at + rng.choice([1, 4, 100, 5000]))
    return [
        data[:at],
        data[:at] + bytes(end - at) + data[end:],
        data[:at] + bytes(b ^ 1 << rng.randrange(8) for b in data[at:end]) + data[end:],
        data[:at] + data[at:end] * 2 + data[end:],
        data[:at] + data[end:],
        rng.randbytes(min(len(data), 2000)),
    ][rng.randrange(6)]
