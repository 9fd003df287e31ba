"""ZCA: uncorrelated pixels of unit variance, and no fewer images than it takes."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.models.convnet import Normalise
from slowfeat_trainer.models.input_stage import InputStage
from slowfeat_trainer.models.whitening import Zca, zca_matrix

RNG = np.random.default_rng(9)


def smooth_frames(count: int) -> FrameStack:
    """Frames whose neighbouring pixels and colours are alike, as in images."""
    rough = RNG.normal(size=(count, 8, 8, 3)).cumsum(axis=1).cumsum(axis=2)
    rough = rough + 2 * rough.mean(axis=3, keepdims=True)
    return FrameStack([np.clip(128 + 6 * rough, 0, 255).astype(np.uint8)])


def test_the_covariance_becomes_the_identity() -> None:
    frames = smooth_frames(2000)
    front = InputStage(Normalise.fitted_to(frames), (8, 8), (4, 4))
    zca = Zca.fitted_to(front, frames, regularisation=0.0)
    x = zca(front(torch.from_numpy(frames[:])))
    assert x.shape == (2000, 3, 4, 4)
    flat = x.flatten(1).double().numpy()
    np.testing.assert_allclose(np.cov(flat.T), np.eye(48), atol=1e-3)
    np.testing.assert_allclose(flat.mean(axis=0), 0, atol=1e-3)
    before = np.corrcoef(front(torch.from_numpy(frames[:])).flatten(1).numpy().T)
    assert np.abs(before - np.eye(48)).max() > 0.8


def test_mixed_precision_does_not_whiten_its_own_rounding() -> None:
    frames = smooth_frames(500)
    front = InputStage(Normalise.fitted_to(frames), (8, 8))
    zca, x = Zca.fitted_to(front, frames), front(torch.from_numpy(frames[:5]))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        got = zca(x)
    torch.testing.assert_close(got, zca(x))


def test_regularisation_leaves_noise_small_and_strong_directions_white() -> None:
    x = RNG.normal(size=(5000, 6)) * [10, 5, 2, 1, 0.1, 0.01]
    mean, matrix = zca_matrix(x, 0.01)
    std = ((x - mean) @ matrix).std(axis=0)
    np.testing.assert_allclose(std[:3], 1, atol=0.05)
    assert std[5] < 0.05


def test_fewer_pictures_than_pixels_give_the_same_as_the_whole_covariance() -> None:
    x = RNG.normal(size=(20, 30)) @ RNG.normal(size=(30, 30))
    mean, matrix = zca_matrix(x, 0.05)
    covariance = np.cov(x.T)
    values, U = np.linalg.eigh(covariance)
    epsilon = 0.05 * np.trace(covariance) / 30
    expected = U @ np.diag(1 / np.sqrt(np.maximum(values, 0) + epsilon)) @ U.T
    np.testing.assert_allclose(matrix, expected, atol=1e-9)
    np.testing.assert_allclose(mean, x.mean(axis=0))
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-12)


@pytest.mark.parametrize(
    ("x", "named"),
    [
        (np.ones((1, 4)), r"\(1, 4\)"),
        (np.ones((9, 4)), "must vary"),
        (RNG.normal(size=(3, 4)), "must vary"),
    ],
)
def test_what_cannot_be_whitened_is_refused(x: np.ndarray, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        zca_matrix(x, 0.0)
