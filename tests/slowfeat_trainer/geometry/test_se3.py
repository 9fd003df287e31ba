"""The logarithm of a motion, against the pose that its exponential gives."""

from __future__ import annotations

import numpy as np
import torch
from scipy.linalg import logm

from slowfeat.geometry import motion_matrix
from slowfeat_trainer.geometry.se3 import se3_logarithm

RNG = np.random.default_rng(6)


def test_the_logarithm_is_that_of_the_pose() -> None:
    motions = RNG.normal(0, 0.8, (40, 6))
    motions[:10, 3:] *= 0.5 / np.linalg.norm(motions[:10, 3:], axis=1, keepdims=True)
    motions[:5, 3:] *= np.linspace(0.998, 1.002, 5)[:, None]  # on both sides of the series' bound
    motions[10:12, 3:] *= 3.1 / np.linalg.norm(motions[10:12, 3:], axis=1, keepdims=True)
    got = se3_logarithm(torch.tensor(motions)).numpy()
    for motion, xi in zip(motions, got, strict=True):
        L = logm(motion_matrix(motion)).real
        expected = [*L[:3, 3], L[2, 1], L[0, 2], L[1, 0]]
        np.testing.assert_allclose(xi, expected, atol=1e-8)


def test_the_logarithm_stands_still_for_zero_motion_with_gradients() -> None:
    motion = torch.zeros(2, 6, requires_grad=True)
    xi = se3_logarithm(motion)
    assert not xi.any()
    xi.sum().backward()
    assert motion.grad is not None
    np.testing.assert_array_equal(motion.grad, np.ones((2, 6)))
