"""One map for all motions, with the motion as input: Jayaraman & Grauman 2017 eq. 13
(`non-discrete`).

    M(z, xi) = W z + C u + Q (P z * R u) + b,    u = xi in standard deviations

Linear in [z, xi, z x xi], with the products z x xi through a low rank: a full tensor would have 6
D^2 parameters. The paper leaves the form open.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

# Standard deviations beyond which a motion counts as this far: products are worth nothing outside
# of what training has seen.
FARTHEST = 4.0


class ContinuousMap(nn.Module):
    """M(z, xi); starts as the identity."""

    inverse_scale: Tensor

    def __init__(self, dimension: int, scale: npt.ArrayLike, rank: int = 32) -> None:
        """
        Args:
            dimension: D.
            scale: (6,) standard deviation of the motions [m, rad], 0 where nothing moves.
            rank: of the products of embedding and motion.

        Raises:
            ValueError: scale is not (6,).
        """
        super().__init__()
        s = np.asarray(scale, dtype=np.float64)
        if s.shape != (6,):
            raise ValueError(f"scale must be (6,); got {s.shape}")
        inverse = np.where(s > 0, 1 / np.where(s > 0, s, 1.0), 0.0)
        self.register_buffer("inverse_scale", torch.tensor(inverse, dtype=torch.float32))
        self.linear = nn.Linear(dimension, dimension)
        self.drive = nn.Linear(6, dimension, bias=False)
        self.narrow = nn.Linear(dimension, rank, bias=False)
        self.gain = nn.Linear(6, rank, bias=False)
        self.widen = nn.Linear(rank, dimension, bias=False)
        nn.init.eye_(self.linear.weight)
        nn.init.zeros_(self.linear.bias)
        # Zero on one side of the products only: the other side's gradients start the learning.
        for zero in (self.drive, self.widen):
            nn.init.zeros_(zero.weight)

    def forward(self, embedding: Tensor, motion: Tensor) -> Tensor:
        """(N, D), (N, 6) [m, rad] -> (N, D)."""
        u = (motion * self.inverse_scale).clamp(-FARTHEST, FARTHEST)
        products: Tensor = self.widen(self.narrow(embedding) * self.gain(u))
        moved: Tensor = self.linear(embedding) + self.drive(u) + products
        return moved
