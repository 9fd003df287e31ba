"""Ridge least squares towards a prior, against the normal equations."""

from __future__ import annotations

import numpy as np
import pytest

from slowfeat_trainer.metrics.ridge import STRENGTHS, RidgePath

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("shape", [(50, 7), (7, 50)])
def test_the_ridge_path_solves_the_normal_equations(shape: tuple[int, int]) -> None:
    X, Y = RNG.normal(size=shape), RNG.normal(size=(shape[0], 3))
    prior = RNG.normal(size=(shape[1], 3))
    scale = np.mean(X**2) * len(X)
    path = RidgePath(X, Y, prior)
    held = RNG.normal(size=(20, shape[1])), RNG.normal(size=(20, 3))
    errors = path.held_out_errors(*held)
    for strength, error in zip(STRENGTHS, errors, strict=True):
        W = path.weights(strength)
        gradient = X.T @ (X @ W - Y) + strength * scale * (W - prior)
        np.testing.assert_allclose(gradient, 0, atol=1e-8)
        assert error == pytest.approx(((held[0] @ W - held[1]) ** 2).sum())
    assert path.best(*held)[1] == errors.min()
