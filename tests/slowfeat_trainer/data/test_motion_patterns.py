"""Motion patterns: the kinds of motion that a drive has, and none where nothing moves."""

from __future__ import annotations

import numpy as np
import pytest

from slowfeat.errors import BagError
from slowfeat_trainer.data.motion_patterns import discover_patterns


def test_patterns_find_the_kinds_of_motion_and_drop_the_slow() -> None:
    rng = np.random.default_rng(0)
    kinds = np.array([[0.5, 0, 0, 0, 0, 0], [0.1, 0, 0, 0, 0, 0.6], [0.1, 0, 0, 0, 0, -0.6]])
    motions = np.concatenate([np.repeat(kinds, 100, axis=0), np.zeros((50, 6))])
    motions[:, [0, 5]] += rng.normal(0, 0.02, (350, 2))
    patterns = discover_patterns(motions, count=3, drop_slowest=50 / 350)
    found = patterns.centroids[np.argsort(patterns.centroids[:, 5])]
    np.testing.assert_allclose(found, kinds[[2, 0, 1]], atol=0.05)
    assert patterns.counts.sum() == 300
    assert (patterns.scale > 0).tolist() == [True, False, False, False, False, True]
    again = discover_patterns(motions, count=3, drop_slowest=50 / 350)
    np.testing.assert_array_equal(again.centroids, patterns.centroids)
    assigned = patterns.assign(kinds)
    np.testing.assert_allclose(patterns.centroids[assigned], kinds, atol=0.05)


def test_a_robot_that_does_not_move_is_said_to() -> None:
    with pytest.raises(BagError, match="does not move"):
        discover_patterns(np.random.default_rng(0).normal(0, 1e-4, (100, 6)))
