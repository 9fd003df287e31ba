"""The turns that the images show: found where the odometry is wrong, left where it is right,
never beyond the bound.
"""

from __future__ import annotations

import numpy as np
import pytest

from slowfeat.geometry import Array
from slowfeat_trainer.evaluation.yaw_oracle import MOST, turned, yaw_oracle
from slowfeat_trainer.metrics.equivariance import Matrix

PAIRS = 60
# Of a turn by an angle, in the plane: what turns as the robot does, and a coordinate that stays.
RNG = np.random.default_rng(3)
HEADING = RNG.uniform(-np.pi, np.pi, PAIRS)
START = np.stack([np.cos(HEADING), np.sin(HEADING), np.ones(PAIRS)], axis=1)


def predict(before: Matrix, motions: Array) -> Matrix:
    c, s = np.cos(motions[:, 5]), np.sin(motions[:, 5])
    x, y = before[:, 0], before[:, 1]
    return np.stack([c * x - s * y, s * x + c * y, before[:, 2]], axis=1)


def motions(turns: Array) -> Array:
    found = np.zeros((len(turns), 6))
    found[:, 0], found[:, 5] = 0.5, turns
    return found


def test_turns_that_the_odometry_has_wrong_are_found() -> None:
    said = motions(RNG.uniform(-0.5, 0.5, PAIRS))
    wrong = RNG.uniform(-0.1, 0.1, PAIRS)
    actual = predict(START, turned(said, wrong))
    found = yaw_oracle(predict, START, actual, said)
    np.testing.assert_allclose(found.added, wrong, atol=1e-3)
    np.testing.assert_allclose(predict(START, found.motions), actual, atol=1e-3)
    assert found.rms_deg == pytest.approx(np.degrees(np.sqrt(np.mean(wrong**2))), abs=0.05)


def test_exact_turns_are_left() -> None:
    said = motions(RNG.uniform(-0.5, 0.5, PAIRS))
    found = yaw_oracle(predict, START, predict(START, said), said)
    np.testing.assert_allclose(found.added, 0.0, atol=1e-6)
    np.testing.assert_allclose(found.motions, said, atol=1e-6)


def test_no_turn_beyond_the_bound_is_believed() -> None:
    said = motions(np.zeros(PAIRS))
    found = yaw_oracle(predict, START, predict(START, turned(said, 1.0)), said)
    assert np.abs(found.added).max() <= MOST + 1e-9


def test_a_map_that_no_motion_moves_keeps_the_odometrys_turns() -> None:
    said = motions(RNG.uniform(-0.5, 0.5, PAIRS))
    found = yaw_oracle(lambda before, _: before, START, RNG.normal(size=START.shape), said)
    assert found.rms_deg == pytest.approx(0.0)
