"""The exported transform: the form that predicts best, and an expected error that is calibrated."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from slowfeat_trainer.bundling.fit_transform import (
    MotionData,
    apply_transform,
    fit_transform,
    gamma_regression,
)
from slowfeat_trainer.data.motion_patterns import MotionPatterns

RNG = np.random.default_rng(0)
SCALE = np.array([0.5, 0, 0, 0, 0, 0.3])
PATTERNS = MotionPatterns(np.zeros((1, 6)), SCALE, np.zeros(6), np.array([1]))
EFFECT = RNG.normal(size=(2, 4, 4))


def drive(count: int, noise: float) -> MotionData:
    """Codes that a motion moves bilinearly: z + (x A + yaw B) z."""
    motions = np.zeros((count, 6))
    motions[:, [0, 5]] = RNG.normal(0, SCALE[[0, 5]], (count, 2))
    before = RNG.normal(size=(count, 4))
    moved = np.einsum("pk,kij,pj->pi", motions[:, [0, 5]], EFFECT, before)
    after = before + moved + noise * RNG.normal(size=(count, 4))
    return MotionData(before.astype(np.float32), after.astype(np.float32), motions)


class Exact(nn.Module):
    """What really happens, as a map that a method might have learned."""

    def forward(self, z: Tensor, motion: Tensor) -> Tensor:
        effect = torch.tensor(EFFECT, dtype=torch.float32)
        return z + torch.einsum("pk,kij,pj->pi", motion[:, [0, 5]], effect, z)


def test_bilinear_changes_are_fitted_and_what_is_learned_better_is_taken() -> None:
    fit, calibration = drive(800, 0.01), drive(200, 0.01)
    fitted = fit_transform(fit, calibration, PATTERNS, {})
    assert fitted.form in ("bilinear", "quadratic")
    assert fitted.calibration_error["bilinear"] < 0.01
    assert fitted.calibration_error["blind"] > 0.5
    few = drive(60, 0.3)
    assert fit_transform(few, drive(60, 0.01), PATTERNS, {"exact": Exact()}).form == "exact"


def test_the_expected_error_is_that_of_the_calibration_block() -> None:
    fit, calibration = drive(400, 0.2), drive(400, 0.2)
    module = fit_transform(fit, calibration, PATTERNS, {}).module
    after, expected = apply_transform(module, calibration.before, calibration.motions)
    real = np.linalg.norm(after - calibration.after, axis=1)
    assert (expected**2).mean() == pytest.approx((real**2).mean(), rel=0.02)


def test_a_regression_finds_the_coefficients_of_a_mean_that_it_can_say() -> None:
    x = np.stack([np.ones(4000), RNG.normal(size=4000)], axis=1)
    target = RNG.gamma(2.0, np.exp(x @ [0.5, 1.0]) / 2.0)
    np.testing.assert_allclose(gamma_regression(x, target, ridge=1e-6), [0.5, 1.0], atol=0.06)
    # Of an intercept alone it is the logarithm of the mean.
    alone = gamma_regression(x[:, :1], target)
    assert alone[0] == pytest.approx(np.log(target.mean()), abs=1e-6)


def test_a_transform_with_and_without_an_error_runs_on_arrays() -> None:
    motions = np.zeros((3, 6))
    (after,) = apply_transform(Exact(), np.ones((3, 4)), motions)
    np.testing.assert_array_equal(after, np.ones((3, 4), np.float32))
