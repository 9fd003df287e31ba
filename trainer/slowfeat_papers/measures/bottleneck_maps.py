"""M_g with a bottleneck: Jayaraman & Grauman 2017, fn. 9, for the 4096 dimensions of AlexNet.

M_g z = B_g relu(A_g z + a_g) + b_g, 4096 -> 128 -> 4096: a full matrix a motion pattern would have
more parameters than the network that it is to teach.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from slowfeat_trainer.data.motion_patterns import MotionPatterns
from slowfeat_trainer.models.motion_maps import apply_maps


class BottleneckMaps(nn.Module):
    """G maps D -> hidden -> D with ReLU between, biases folded in; Glorot initialisation."""

    def __init__(self, patterns: int, dimension: int, hidden: int = 128) -> None:
        super().__init__()
        self.down = nn.Parameter(torch.zeros(patterns, dimension + 1, hidden))
        self.up = nn.Parameter(torch.zeros(patterns, hidden + 1, dimension))
        for weight in (self.down, self.up):
            for g in range(patterns):
                nn.init.xavier_uniform_(weight.data[g, :-1])

    def forward(self, z: Tensor) -> Tensor:
        """M_g z for every g: (batch, D) -> (G, batch, D)."""
        narrow = apply_maps(z, self.down).relu()
        return torch.einsum("gbh,ghj->gbj", narrow, self.up[:, :-1]) + self.up[:, -1:]


class NearestPatternMap(nn.Module):
    """The map of the nearest motion pattern, of maps (batch, D) -> (G, batch, D) of any form."""

    centroids: Tensor
    inverse_scale: Tensor

    def __init__(self, patterns: MotionPatterns, maps: nn.Module) -> None:
        super().__init__()
        self.maps = maps
        scale = torch.tensor(patterns.scale, dtype=torch.float32)
        # 0 for a component that does not move: it says nothing about the pattern.
        inverse = torch.where(scale > 0, 1 / torch.where(scale > 0, scale, 1.0), 0.0)
        self.register_buffer("inverse_scale", inverse)
        self.register_buffer("centroids", torch.tensor(patterns.centroids, dtype=torch.float32))

    def forward(self, embedding: Tensor, motion: Tensor) -> Tensor:
        """(N, D), (N, 6) [m, rad] -> (N, D)."""
        difference = (motion[:, None] - self.centroids[None]) * self.inverse_scale
        nearest = difference.pow(2).sum(dim=-1).argmin(dim=1)
        number = torch.arange(len(self.centroids), device=nearest.device)
        one_hot = (nearest[:, None] == number[None]).to(embedding.dtype)
        return torch.einsum("gbj,bg->bj", self.maps(embedding), one_hot)
