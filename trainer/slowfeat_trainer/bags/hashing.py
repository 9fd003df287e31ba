"""Which bag was used: a checksum over what it holds."""

from __future__ import annotations

import hashlib
from pathlib import Path


def bag_sha256(path: Path) -> str:
    """SHA-256 over a bag's storage files, in the order of their names (metadata.yaml left out).

    SQLite's shared memory file (-shm) is left out too: it comes and goes with readers.
    """
    files = [path] if path.is_file() else sorted(p for p in path.iterdir() if p.is_file())
    digest = hashlib.sha256()
    for file in files:
        if file.name == "metadata.yaml" or file.name.endswith("-shm"):
            continue
        with file.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()
