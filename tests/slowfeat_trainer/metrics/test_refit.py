"""Maps fitted to a frozen code: what moves with the robot, what does
not, and patterns without pairs.
"""

from __future__ import annotations

import numpy as np
import pytest

from slowfeat_trainer.metrics import equivariance as m
from slowfeat_trainer.metrics.refit import MapData, refit_maps
from slowfeat_trainer.metrics.ridge import with_bias


def pairs_of(code: str, count: int = 900) -> MapData:
    """Pairs of a code under turns by one of three angles."""
    rng = np.random.default_rng(3)
    heading, pattern = rng.uniform(-np.pi, np.pi, count), rng.integers(0, 3, count)
    after = heading + np.array([-0.6, 0.0, 0.6])[pattern]
    if code == "heading":
        before, later = (np.stack([np.cos(h), np.sin(h)], axis=1) for h in (heading, after))
    elif code == "noise":
        before, later = rng.normal(size=(2, count, 2))
    else:
        before = later = np.zeros((count, 2))
    return MapData(before, later, pattern)


@pytest.mark.parametrize(
    ("code", "low", "high"), [("heading", 0.95, 1.0), ("noise", -0.05, 0.05), ("constant", 0, 0)]
)
def test_refitted_motion_gain_is_for_codes_that_move_with_the_robot(
    code: str, low: float, high: float
) -> None:
    data = pairs_of(code)
    fit, choose, test = (
        MapData(data.before[s], data.after[s], data.pattern[s])
        for s in (slice(300), slice(300, 600), slice(600, 900))
    )
    maps = refit_maps(fit, choose, 3)
    gain = m.motion_gain(
        maps.predict(test.before, test.pattern), maps.predict_blind(test.before), test.after
    )
    assert low <= gain <= high


def test_a_pattern_without_pairs_falls_back_to_the_blind_map() -> None:
    data = pairs_of("heading")
    maps = refit_maps(data, data, 4)
    np.testing.assert_array_equal(maps.patterns[3], maps.blind)
    np.testing.assert_allclose(maps.predict_blind(data.before), with_bias(data.before) @ maps.blind)
