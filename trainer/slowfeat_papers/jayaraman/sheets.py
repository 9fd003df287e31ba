"""Sheets of small images with a line of text above each row, as PNG files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from slowfeat.files import write_whole

Picture = npt.NDArray[np.uint8]

# Pixels a side of an image on a sheet, between two of them, and of the line above.
SHOWN, GAP, LINE = 80, 4, 16


def row_of_pictures(pictures: Sequence[Picture], text: str, group: int) -> Picture:
    """Images (H, W, 3) RGB side by side in groups, under a line of text."""
    cells = []
    for number, picture in enumerate(pictures):
        if number:
            wide = GAP if number % group else 4 * GAP
            cells.append(np.full((SHOWN, wide, 3), 255, np.uint8))
        cells.append(cv2.resize(picture, (SHOWN, SHOWN), interpolation=cv2.INTER_NEAREST))
    row = np.concatenate(cells, axis=1)
    line = np.full((LINE, row.shape[1], 3), 255, np.uint8)
    cv2.putText(line, text, (2, 12), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (40, 50, 60), 1, cv2.LINE_AA)
    return np.concatenate([line, row])


def write_sheet(file: Path, rows: Sequence[Picture]) -> None:
    """Rows below each other, on white."""
    wide = max(row.shape[1] for row in rows)
    padded = [
        cv2.copyMakeBorder(
            row, 0, 2 * GAP, GAP, GAP + wide - row.shape[1], cv2.BORDER_CONSTANT, value=(255,) * 3
        )
        for row in rows
    ]
    picture = cv2.cvtColor(np.concatenate(padded), cv2.COLOR_RGB2BGR)
    write_whole(file, cv2.imencode(".png", picture)[1].tobytes())
