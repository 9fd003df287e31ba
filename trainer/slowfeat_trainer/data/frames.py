"""Frames of many recordings as one sequence, without bringing them into memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

Images = npt.NDArray[np.uint8]


class FrameStack:
    """Arrays of frames (n, H, W, 3), usually memory-mapped, one behind the other; read by index.

    What is asked for is copied into memory, the rest stays where it is.

    Raises:
        ValueError: no arrays, or of different image sizes.
    """

    def __init__(self, pieces: Sequence[Images]) -> None:
        if not pieces or len({piece.shape[1:] for piece in pieces}) != 1:
            raise ValueError("a stack of frames needs arrays of one image size")
        self._pieces = list(pieces)
        self._ends = np.cumsum([len(piece) for piece in pieces])

    def __len__(self) -> int:
        return int(self._ends[-1])

    @property
    def shape(self) -> tuple[int, ...]:
        """(N, H, W, 3)."""
        return (len(self), *self._pieces[0].shape[1:])

    def __getitem__(self, which: slice | npt.NDArray[np.int64] | list[int]) -> Images:
        """Frames of a slice or of some indices, which may repeat and come in any order."""
        if isinstance(which, slice):
            start, stop, step = which.indices(len(self))
            if len(self._pieces) == 1:
                return np.array(self._pieces[0][start:stop:step])
            which = np.arange(start, stop, step)
        index = np.asarray(which, dtype=np.int64)
        if len(index) and not (-len(self) <= index.min() and index.max() < len(self)):
            raise IndexError(f"frame {index.min()} or {index.max()} of {len(self)}")
        index = np.where(index < 0, index + len(self), index)
        found = np.empty((len(index), *self._pieces[0].shape[1:]), dtype=np.uint8)
        piece_of = np.searchsorted(self._ends, index, side="right")
        for number in np.unique(piece_of):
            here = piece_of == number
            piece = self._pieces[number]
            found[here] = piece[index[here] - (self._ends[number] - len(piece))]
        return found

    def cut(self, corner: tuple[int, int], size: tuple[int, int]) -> FrameStack:
        """The same frames, of each the rows and columns from a corner on; nothing is copied."""
        (row, column), (height, width) = corner, size
        return FrameStack([p[:, row : row + height, column : column + width] for p in self._pieces])

    def __iter__(self) -> Iterator[Images]:
        for piece in self._pieces:
            yield from piece
