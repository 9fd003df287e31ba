"""frames.npy while it grows: rows are appended, the header learns their number at the end."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt

Images = npt.NDArray[np.uint8]
# Rows copied at a time where a file is put in order.
BLOCK = 512


def _header(shape: tuple[int, ...]) -> bytes:
    """The header of an .npy file of uint8; numpy leaves room in it for the first axis to grow."""
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        stream, {"descr": "|u1", "fortran_order": False, "shape": shape}
    )
    return stream.getvalue()


class FramesFile:
    """Writes frames (n, H, W, 3) uint8 one behind the other into an .npy file.

    Written by hand rather than through a memory map, whose written pages would count as memory of
    this process: the file may be far larger than the machine's memory.
    """

    def __init__(self, path: Path, size: tuple[int, int]) -> None:
        self.path = path
        self.rows = 0
        self._shape = (*size, 3)
        self._digest = hashlib.sha256()
        self._stream = path.open("wb")
        self._stream.write(_header((0, *self._shape)))

    def append(self, frames: Images) -> None:
        """Add frames (n, H, W, 3)."""
        if len(frames):
            data = np.ascontiguousarray(frames).data
            self._stream.write(data)
            self._digest.update(data)
        self.rows += len(frames)

    def close(self) -> str:
        """Finish the file; returns the SHA-256 of its frames, as `array_sha256` finds it."""
        self._stream.seek(0)
        self._stream.write(_header((self.rows, *self._shape)))
        self._stream.close()
        return self._digest.hexdigest()

    def __enter__(self) -> FramesFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stream.close()


def array_sha256(path: Path) -> str:
    """SHA-256 of the data of an .npy file, its header left out."""
    with path.open("rb") as stream:
        np.lib.format.read_magic(stream)
        np.lib.format.read_array_header_1_0(stream)
        return hashlib.file_digest(stream, "sha256").hexdigest()


def rows_of(path: Path, index: npt.NDArray[np.int64]) -> Iterator[Images]:
    """Blocks of some rows of a frames file, read without mapping all of it."""
    # A map of its own for each block: the pages that were read do not add up in memory.
    for start in range(0, len(index), BLOCK):
        frames: Any = np.load(path, mmap_mode="r", allow_pickle=False)
        yield np.array(frames[index[start : start + BLOCK]])
