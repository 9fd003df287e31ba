"""Maps with a bottleneck, one for each motion pattern."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from slowfeat_papers.measures.bottleneck_maps import BottleneckMaps

D = 16


def shaken(module: nn.Module) -> nn.Module:
    """With parameters as after some training."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter += 0.2 * torch.randn_like(parameter)
    return module


def test_the_bottleneck_is_two_layers_a_pattern() -> None:
    maps = shaken(BottleneckMaps(3, D, 4))
    z = torch.randn(5, D)
    got = maps(z).detach().numpy()
    for g in range(3):
        down, up = maps.down[g].detach().numpy(), maps.up[g].detach().numpy()
        narrow = np.maximum(0, z.numpy() @ down[:-1] + down[-1])
        np.testing.assert_allclose(got[g], narrow @ up[:-1] + up[-1], atol=1e-5)
