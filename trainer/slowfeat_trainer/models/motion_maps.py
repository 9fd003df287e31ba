"""M_g, one affine map a motion pattern (J section 3.2, the bias folded in)."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def apply_maps(z: Tensor, weight: Tensor) -> Tensor:
    """G affine maps (G, D + 1, D) of embeddings (batch, D): [z 1] times each, (G, batch, D)."""
    return torch.einsum("bi,gij->gbj", z, weight[:, :-1]) + weight[:, -1:]


class PatternMaps(nn.Module):
    """G maps of embeddings, (D + 1) x D each; they start as the identity."""

    def __init__(self, patterns: int, dimension: int) -> None:
        super().__init__()
        start = torch.eye(dimension + 1, dimension).repeat(patterns, 1, 1)
        self.weight = nn.Parameter(start)

    def forward(self, z: Tensor) -> Tensor:
        """M_g z for every g: (batch, D) -> (G, batch, D)."""
        return apply_maps(z, self.weight)
