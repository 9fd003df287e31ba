"""Sheets of small images."""

from __future__ import annotations

import numpy as np

from slowfeat_papers.jayaraman.sheets import row_of_pictures, write_sheet


def test_a_sheet_is_a_picture(tmp_path):
    pictures = [np.full((20, 20, 3), v, np.uint8) for v in (0, 100, 200)]
    write_sheet(
        tmp_path / "s.png",
        [row_of_pictures(pictures, "one", 2), row_of_pictures(pictures[:1], "two", 2)],
    )
    assert (tmp_path / "s.png").stat().st_size > 100
