"""Where copies of what lies in a store are kept on this machine."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Names the folder; without, the place that the desktop's convention gives.
VARIABLE = "SLOWFEAT_CACHE"


def cache_folder() -> Path:
    """The folder of everything kept: $SLOWFEAT_CACHE, else $XDG_CACHE_HOME/slowfeat, else
    ~/.cache/slowfeat.
    """
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named).expanduser()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "slowfeat"


def place_of(address: str, kind: str) -> Path:
    """The path kept for an address, under its own name: datasets hold a bag's name.

    Args:
        address: of a store.
        kind: a folder of the cache, such as "fetched".
    """
    digest = hashlib.sha256(address.rstrip("/").encode()).hexdigest()[:16]
    name = address.rstrip("/").rpartition("/")[2]
    return cache_folder() / kind / digest / (re.sub(r"[^\w.+-]", "_", name).lstrip(".") or "root")


@contextmanager
def alone(place: Path) -> Iterator[None]:
    """Only one process of this machine at a time works on a place; the others wait."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with (place.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
