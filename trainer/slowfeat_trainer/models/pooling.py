"""L2 pooling over groups of units: Goroshin et al. 2015, section 4.

z_i = ||h||_Pi = (sum over j in P_i of h_j^2)^1/2; the pools may overlap.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


def pool_members(units: int, size: int, stride: int) -> Tensor:
    """(pools, units), 1 where a unit is in a pool: pools of `size` neighbours, every `stride`
    units.

    Raises:
        ValueError: pools that do not cover the units evenly.
    """
    if not 1 <= stride <= size <= units or (units - size) % stride:
        raise ValueError(
            f"pools of {size} units every {stride} do not cover {units} units: "
            "units - size must be a multiple of the stride, and the stride at most the size"
        )
    first = torch.arange(0, units - size + 1, stride)[:, None]
    unit = torch.arange(units)[None]
    return ((unit >= first) & (unit < first + size)).float()


def root(square: Tensor) -> Tensor:
    """Square root whose gradient at 0 is 0: a pool of which no unit is active stays silent."""
    active = square > 0
    return torch.where(active, torch.where(active, square, torch.ones_like(square)).sqrt(), 0.0)


class L2Pool(nn.Module):
    """Activations (N, units) or maps (N, units, h, w) -> L2 norms over groups of them."""

    members: Tensor

    def __init__(
        self,
        units: int,
        size: int = 1,
        stride: int | None = None,
        space: int = 1,
        space_stride: int | None = None,
    ) -> None:
        """
        Args:
            units: or maps.
            size: units in a pool.
            stride: from one pool to the next; smaller than `size`, the pools overlap. None: `size`.
            space: side of the square that a pool covers in a map, in pixels.
            space_stride: from one square to the next. None: `space`.
        """
        super().__init__()
        members = pool_members(units, size, stride or size)
        self.register_buffer("members", members, persistent=False)
        self.across = size > 1
        self.space, self.space_stride = space, space_stride or space

    def forward(self, h: Tensor) -> Tensor:
        """(N, units) -> (N, pools), or (N, units, h, w) -> (N, pools, h', w')."""
        square = h.pow(2)
        if h.ndim == 4 and self.space > 1:
            mean = functional.avg_pool2d(square, self.space, self.space_stride)
            square = mean * self.space**2
        if self.across:
            grouped = self.members @ square.flatten(2) if h.ndim == 4 else square @ self.members.T
            square = grouped.reshape(-1, len(self.members), *square.shape[2:])
        return root(square)
