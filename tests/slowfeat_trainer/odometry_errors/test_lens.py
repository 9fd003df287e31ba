"""The camera model in numpy is that of torch, and its own inverse."""

from __future__ import annotations

import numpy as np
import torch

from slowfeat_trainer.geometry import camera_model
from slowfeat_trainer.odometry_errors.lens import Lens, project, unproject

LENSES = [Lens(1.0, 1.3, 0.0), Lens(0.8, 1.1, 0.75)]
POINTS = np.random.default_rng(0).uniform(-0.9, 0.9, (50, 2))


def test_rays_are_of_length_one_and_lead_back() -> None:
    for lens in LENSES:
        rays = unproject(POINTS, lens)
        np.testing.assert_allclose(np.linalg.norm(rays, axis=-1), 1.0, atol=1e-9)
        np.testing.assert_allclose(project(3.0 * rays, lens), POINTS, atol=1e-9)


def test_it_is_the_model_that_is_trained() -> None:
    for lens in LENSES:
        focal, xi = torch.tensor([lens.fx, lens.fy]), torch.tensor(lens.mirror_xi)
        theirs = camera_model.unproject(torch.tensor(POINTS, dtype=torch.float32), focal, xi)
        np.testing.assert_allclose(unproject(POINTS, lens), theirs.numpy(), atol=1e-5)
