"""The numbers of an adapter, fitted to robots whose odometry, lens and place are known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from slowfeat.geometry import Array
from slowfeat_trainer.adaptation.adapt_cameras import Mounts
from slowfeat_trainer.adaptation.fit import fit_adapter, gain_and_bias
from slowfeat_trainer.bundling.fit_transform import MotionData

SIDE = 40
SEEN_AHEAD = Mounts.of((None, None), (None, None))


def heading_code(heading: Array) -> Array:
    """A smooth image of where the robot looks, (P, SIDE)."""
    at = np.linspace(-math.pi, math.pi, SIDE, endpoint=False)
    return np.asarray(
        np.cos(at[None] - heading[:, None]) + 0.3 * np.cos(3 * (at - heading[:, None]))
    )


def predict(z: Array, motions: Array) -> tuple[Array, Array]:
    """The exact transform of such codes for turns to the left; every error is said to be 1."""
    waves = np.fft.rfft(z, axis=1)
    k = np.arange(waves.shape[1])
    # The code of heading h + turn is that of h shifted by `turn`, whatever its first phase.
    moved = np.fft.irfft(waves * np.exp(-1j * k * motions[:, 5:6]), SIDE, axis=1)
    return moved, np.ones(len(z))


def drive(
    seed: int, reported: float = 1.0, gain: float = 1.0, bias: float = 0.0, noise: float = 0.01
) -> MotionData:
    """A drive whose odometry reports `reported` times the true turn, in a
    place that looks a bit different.
    """
    rng = np.random.default_rng(seed)
    heading, turn = rng.uniform(-3, 3, 300), rng.uniform(-0.6, 0.6, 300)
    motions = np.zeros((300, 6))
    motions[:, 5] = reported * turn
    after = gain * heading_code(heading + turn) + bias + noise * rng.normal(size=(300, SIDE))
    return MotionData(heading_code(heading), after, motions)


def test_odometry_that_reports_too_much_is_found() -> None:
    adapter = fit_adapter(predict, SEEN_AHEAD, drive(0, reported=1.5), drive(1, reported=1.5))
    nodding, panning, rolling, distances = adapter.scales
    assert panning == pytest.approx(1 / 1.5, rel=0.05)
    # What does not move says nothing of its scale.
    assert nodding == rolling == distances == 1.0
    assert adapter.motion_map[5, 5] == pytest.approx(panning)


def test_nothing_is_changed_for_a_robot_that_is_as_it_was() -> None:
    adapter = fit_adapter(predict, SEEN_AHEAD, drive(0), drive(1))
    np.testing.assert_allclose(adapter.motion_map, np.eye(6), atol=1e-12)
    np.testing.assert_allclose(adapter.gain, 1.0, atol=0.01)
    np.testing.assert_allclose(adapter.bias, 0.0, atol=0.01)


def test_gain_and_bias_of_another_place_are_found_and_the_error_calibrated() -> None:
    held = drive(1, gain=0.5, bias=2.0, noise=0.05)
    adapter = fit_adapter(predict, SEEN_AHEAD, drive(0, gain=0.5, bias=2.0, noise=0.05), held)
    np.testing.assert_allclose(adapter.gain, 0.5, atol=0.02)
    np.testing.assert_allclose(adapter.bias, 2.0, atol=0.02)
    got = adapter.gain * predict(held.before, held.motions)[0] + adapter.bias
    real = np.sqrt(((got - held.after) ** 2).sum(axis=1).mean())
    assert adapter.error_scale == pytest.approx(real, rel=0.01)


def test_too_few_pairs_do_not_make_things_worse() -> None:
    few = drive(0, noise=1.0)
    few = MotionData(few.before[:4], few.after[:4], few.motions[:4])
    held = drive(1, noise=1.0)
    adapter = fit_adapter(predict, SEEN_AHEAD, few, held)

    def error(gain: Array, bias: Array) -> float:
        got = gain * predict(held.before, held.motions @ adapter.motion_map.T)[0] + bias
        return float(((got - held.after) ** 2).mean())

    assert error(adapter.gain, adapter.bias) <= error(np.ones(SIDE), np.zeros(SIDE)) + 1e-9


def test_gain_and_bias_by_hand() -> None:
    predicted = np.array([[0.0], [2.0]])
    actual = np.array([[1.0], [5.0]])
    gain, bias = gain_and_bias(predicted, actual, 0.0)
    assert gain[0] == pytest.approx(2.0)
    assert bias[0] == pytest.approx(1.0)
    # Pulled with all force, nothing is left of it.
    gain, bias = gain_and_bias(predicted, actual, 1e12)
    assert (gain[0], bias[0]) == (pytest.approx(1.0), pytest.approx(0.0, abs=1e-9))
