"""The forms of M_g: what each computes, and that all of them travel to the robot."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.helpers.shaken_maps import CENTROIDS, FORMS, D, shaken


@pytest.mark.parametrize("form", list(FORMS))
def test_gradients_reach_every_parameter_and_are_finite_standing_still(form: str) -> None:
    torch.manual_seed(0)
    transform = shaken(FORMS[form]())
    motion = torch.tensor(np.concatenate([CENTROIDS, 0.3 * np.ones((2, 6))]), dtype=torch.float32)
    transform(torch.randn(5, D), motion).pow(2)[:, 0].sum().backward()
    for name, parameter in transform.named_parameters():
        assert parameter.grad is not None, name
        assert torch.isfinite(parameter.grad).all(), name
        assert parameter.grad.any(), name
