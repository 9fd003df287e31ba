"""Files that believe no length: a read asks for no more memory than the file has bytes left.

A buffered stream takes memory for all that is asked for before it looks at the file, so a record
that says it is 2 GB long makes a machine run out of memory over a file of 100 bytes.
"""

from __future__ import annotations

import io
import os
from pathlib import Path, PosixPath
from typing import Any

# Reads below this are not worth a look at the file's length, bytes.
SMALL = 1 << 20


class BoundedFile(io.BufferedReader):
    """A file open for reading."""

    def read(self, size: int | None = -1, /) -> bytes:
        """At most so many bytes; fewer where the file ends."""
        if size is not None and size > SMALL:
            size = max(0, min(size, os.fstat(self.fileno()).st_size - self.tell()))
        return super().read(size)


class BoundedPath(PosixPath):
    """A path for readers of other libraries, which open it themselves."""

    def open(self, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        """As `Path.open`; for reading bytes, a `BoundedFile`."""
        if mode != "rb":
            return Path(self).open(mode, *args, **kwargs)
        return BoundedFile(io.FileIO(os.fspath(self)))
