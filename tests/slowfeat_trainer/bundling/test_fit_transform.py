"""The exported transform: the form that predicts best, and an expected error that is calibrated."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
import torch
from torch import Tensor, nn

from slowfeat_trainer.bundling.export_onnx import export_transform
from slowfeat_trainer.bundling.fit_transform import (
    MotionData,
    apply_transform,
    fit_transform,
    gamma_regression,
)
from slowfeat_trainer.data.motion_patterns import MotionPatterns, discover_patterns
from slowfeat_trainer.metrics.equivariance import motion_gain, rms
from slowfeat_trainer.models.transform import PatternTransform

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


def turning_code(count: int, noise: float, seed: int) -> MotionData:
    """A heading code (cos, sin) that turns with the robot, with noise that grows with the turn."""
    rng = np.random.default_rng(seed)
    heading, turn = rng.uniform(-np.pi, np.pi, count), rng.uniform(-0.5, 0.5, count)
    motions = np.zeros((count, 6))
    motions[:, 5] = turn

    def code(h: np.ndarray) -> np.ndarray:
        return np.stack([np.cos(h), np.sin(h)], axis=1)

    after = code(heading + turn) + noise * np.abs(turn)[:, None] * rng.normal(size=(count, 2))
    return MotionData(code(heading), after, motions)


def test_the_transform_follows_the_motion_and_knows_its_error() -> None:
    fit, calibration, test = (turning_code(800, 0.2, seed) for seed in range(3))
    patterns = discover_patterns(fit.motions, 3)
    fitted = fit_transform(fit, calibration, patterns, learned={})
    assert fitted.form in ("bilinear", "quadratic")
    after, expected = apply_transform(fitted.module, test.before, test.motions)
    wrong = apply_transform(fitted.module, test.before, test.motions[::-1])[0]
    assert motion_gain(after, wrong, test.after) > 0.9
    real = np.linalg.norm(after - test.after, axis=1)
    assert 0.8 < rms(expected) / rms(real) < 1.25
    assert np.corrcoef(expected, real)[0, 1] > 0.4


def test_a_code_that_does_not_move_gets_no_motion_from_the_fit() -> None:
    data = [
        MotionData(
            np.random.default_rng(s).normal(size=(300, 4)),
            np.random.default_rng(s + 9).normal(size=(300, 4)),
            turning_code(300, 0, s).motions,
        )
        for s in range(3)
    ]
    fitted = fit_transform(data[0], data[1], discover_patterns(data[0].motions, 3), {})
    after = apply_transform(fitted.module, data[2].before, data[2].motions)[0]
    wrong = apply_transform(fitted.module, data[2].before, data[2].motions[::-1])[0]
    assert abs(motion_gain(after, wrong, data[2].after)) < 0.05


def test_learned_maps_are_exported_when_they_predict_best() -> None:
    fit, calibration = turning_code(400, 0.0, 0), turning_code(400, 0.0, 1)
    for part in (fit, calibration):
        part.motions[:, 5] = 0.3  # one motion: any map that is right for it is exact
    patterns = discover_patterns(turning_code(400, 0, 2).motions, 1)
    c, s = np.cos(0.3), np.sin(0.3)
    right = torch.tensor([[[c, s], [-s, c], [0.0, 0.0]]])
    exact = MotionData(
        calibration.before, calibration.before @ right[0, :2].numpy(), calibration.motions
    )
    noisy = MotionData(fit.before, np.random.default_rng(0).normal(size=(400, 2)), fit.motions)
    fitted = fit_transform(noisy, exact, patterns, {"patterns": PatternTransform(patterns, right)})
    assert fitted.form == "patterns"
    assert fitted.calibration_error["patterns"] < 1e-6


def test_gamma_regression_recovers_its_coefficients() -> None:
    rng = np.random.default_rng(0)
    x = np.stack([np.ones(20000), rng.normal(3, 2, 20000), np.full(20000, 5.0)], axis=1)
    target = rng.chisquare(4, 20000) / 4 * np.exp(-1 + 0.5 * x[:, 1])
    w = gamma_regression(x, target, ridge=0.0)
    np.testing.assert_allclose(w[:2], [-1, 0.5], atol=0.05)
    assert w[2] == 0
    assert np.mean(target / np.exp(x @ w)) == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("learned", [True, False])
def test_exported_transforms_equal_torch_and_hold_far_motions_in_range(learned: bool) -> None:
    fit, calibration = turning_code(400, 0.1, 0), turning_code(400, 0.1, 1)
    patterns = discover_patterns(fit.motions, 3)
    maps = {}
    if learned:
        identity = torch.eye(3, 2).repeat(len(patterns), 1, 1)
        maps = {"patterns": PatternTransform(patterns, identity)}
        # With standing still as the truth, the identity maps win.
        calibration = MotionData(calibration.before, calibration.before, calibration.motions)
    fitted = fit_transform(fit, calibration, patterns, maps)
    assert (fitted.form == "patterns") == learned
    session = onnxruntime.InferenceSession(export_transform(fitted.module, 2))
    motions = np.zeros((4, 6), np.float32)
    motions[:, 5] = [0.1, -0.4, 0.5, 50.0]
    z = np.tile(np.array([[1.0, 0.0]], np.float32), (4, 1))
    after, error = session.run(
        ["embedding_after", "expected_error"], {"embedding": z, "motion": motions}
    )
    expected = apply_transform(fitted.module, z, motions)
    np.testing.assert_allclose(after, expected[0], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(error, expected[1], rtol=1e-4, atol=1e-5)
    assert np.linalg.norm(after[3]) < 2
    # Far outside of what was seen the error is that of a guess: twice the variance of the code.
    guess = np.sqrt(2 * np.var(calibration.before, axis=0).sum())
    assert error[3] == pytest.approx(guess, rel=0.01)
    assert error[2] < 0.5 * guess


def test_the_expected_error_is_that_of_the_calibration_block_and_not_of_the_fit() -> None:
    fit, calibration = turning_code(800, 0.0, 0), turning_code(800, 0.5, 1)
    fitted = fit_transform(fit, calibration, discover_patterns(fit.motions, 3), learned={})
    after, expected = apply_transform(fitted.module, calibration.before, calibration.motions)
    real = np.linalg.norm(after - calibration.after, axis=1)
    assert rms(real) > 0.1  # the block is noisy, where what was fitted to is exact
    assert rms(expected) == pytest.approx(rms(real), rel=0.02)
