"""The vertex of a parabola through three samples."""

from __future__ import annotations

import numpy as np

from slowfeat_trainer.data.peaks import beside_peak


def test_the_vertex_of_parabolas_is_found() -> None:
    at = np.array([-0.4, 0.0, 0.3])
    left, middle, right = (5.0 - 2.0 * (x - at) ** 2 for x in (-1, 0, 1))
    np.testing.assert_allclose(beside_peak(left, middle, right), at)


def test_what_does_not_peak_stays_where_it_is() -> None:
    valley, slope = beside_peak(np.array([2.0, 1.0]), np.array([1.0, 2.0]), np.array([2.5, 3.0]))
    assert valley == 0.0
    assert slope == 0.0
