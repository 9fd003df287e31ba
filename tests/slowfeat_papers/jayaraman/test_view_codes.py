"""Codes of objects from all around, and turntable files."""

from __future__ import annotations

import numpy as np
import pytest

from slowfeat.errors import UsageError
from slowfeat_papers.jayaraman.view_codes import Codes, read_turntable


def test_codes_wrap_in_azimuth_and_stay_within_elevation():
    z = np.arange(2 * 5 * 6).reshape(2, 5, 6, 1).astype(float)
    codes = Codes(z, np.array([[1, 0], [-2, 0], [0, -1]]))
    starts = codes.starts()
    assert set(starts[:, 1]) == {2}
    at = np.array([[1, 2, 0]])
    assert [float(codes.after(at, g)[0, 0]) for g in range(3)] == [
        z[1, 3, 0, 0],
        z[1, 0, 0, 0],
        z[1, 2, 5, 0],
    ]


def test_a_turntable_is_put_in_order_and_a_bad_one_refused(tmp_path):
    azimuth = np.array([10, 0, 0, 10])
    images = np.stack([np.full((8, 8), v, np.uint8) for v in (11, 10, 20, 21)])
    np.savez(tmp_path / "t.npz", images=images, object_id=[1, 1, 2, 2], azimuth_deg=azimuth)
    views = read_turntable(tmp_path / "t.npz", 4)
    assert views.shape == (2, 2, 4, 4, 3)
    assert views[:, :, 0, 0, 0].tolist() == [[10, 11], [20, 21]]
    np.savez(tmp_path / "bad.npz", images=images)
    with pytest.raises(UsageError, match="no turntable set"):
        read_turntable(tmp_path / "bad.npz", 4)
