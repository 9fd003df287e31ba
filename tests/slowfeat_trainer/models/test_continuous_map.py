"""The map that is told the motion: identity at first, linear in each argument."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from slowfeat_trainer.models.continuous_map import ContinuousMap

D = 16
SCALE = np.array([0.3, 0.0, 0.0, 0.0, 0.0, 0.2])


def shaken(module: nn.Module) -> nn.Module:
    """With parameters as after some training."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter += 0.2 * torch.randn_like(parameter)
    return module


def test_the_continuous_map_starts_as_the_identity_and_is_linear_in_each_argument() -> None:
    torch.manual_seed(0)
    fresh = ContinuousMap(D, SCALE)
    z, other = torch.randn(2, 5, D)
    motion = 0.2 * torch.randn(5, 6)
    torch.testing.assert_close(fresh(z, motion), z)
    learned = shaken(ContinuousMap(D, SCALE, rank=4))
    with torch.no_grad():
        middle = learned((z + other) / 2, motion)
        torch.testing.assert_close(middle, (learned(z, motion) + learned(other, motion)) / 2)
        half = learned(z, motion / 2)
        torch.testing.assert_close(half, (learned(z, motion) + learned(z, 0 * motion)) / 2)
        # More than a sum: the motion does to one embedding what it does not to another.
        moved = [learned(x, motion) - learned(x, 0 * motion) for x in (z, other)]
    assert float((moved[0] - moved[1]).abs().max()) > 0.05


def test_the_continuous_map_measures_motions_in_standard_deviations_up_to_four() -> None:
    torch.manual_seed(0)
    learned, unit = shaken(ContinuousMap(D, SCALE, rank=4)), ContinuousMap(D, np.ones(6), rank=4)
    unit.load_state_dict({**learned.state_dict(), "inverse_scale": torch.ones(6)})
    z = torch.randn(2, D)
    motion = torch.tensor([[0.6, 9.0, 9.0, 9.0, 9.0, -0.1], [90.0, 0, 0, 0, 0, 0]])
    expected = torch.tensor([[2.0, 0, 0, 0, 0, -0.5], [4.0, 0, 0, 0, 0, 0]])
    with torch.no_grad():
        torch.testing.assert_close(learned(z, motion), unit(z, expected))
    with pytest.raises(ValueError, match=r"scale must be \(6,\); got \(3,\)"):
        ContinuousMap(D, np.ones(3))
