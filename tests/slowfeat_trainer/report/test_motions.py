"""Pairs retrieved by the same change."""

from __future__ import annotations

import numpy as np
import pytest

from slowfeat_trainer.report.motions import motion_difference, retrieve_changes


def test_the_same_change_is_found_elsewhere_and_not_next_door() -> None:
    rng = np.random.default_rng(0)
    kind = np.arange(60) % 6
    changes = np.eye(6)[kind] + 0.01 * rng.normal(size=(60, 6))
    stamps = (np.arange(60) * 0.5e9).astype(np.int64)
    query = np.array([10, 31])
    found = retrieve_changes(changes[query], changes, stamps, query, 3)
    np.testing.assert_array_equal(kind[found], kind[query][:, None].repeat(3, axis=1))
    assert (np.abs(stamps[found] - stamps[query][:, None]) >= 2e9).all()
    assert motion_difference(np.eye(6)[[0, 5]], np.zeros((2, 6))) == pytest.approx(
        (0.5, np.rad2deg(0.5))
    )
