"""What is common to all pretrained networks: images in, several levels of features on one grid out.

The levels of a network differ in size. Each is brought to the grid of the feature map, by areas
where it is finer and linearly where it is coarser, and they stand behind each other as channels.
Beside them stand the colours of the image on a coarse grid: they identify places.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from slowfeat_trainer.models.input_stage import resize_matrix

# Rows and columns of the grid of colours.
PATCHES = 4
# Mean and deviation of 8-bit values that torchvision's networks were trained with.
IMAGENET = ((123.675, 116.28, 103.53), (58.395, 57.12, 57.375))


@dataclass(frozen=True)
class FeatureLayout:
    """What stands where in the features of an image, one flat vector."""

    # Channels of each level.
    levels: tuple[int, ...]
    # Rows and columns of the grid.
    grid: tuple[int, int]

    @property
    def channels(self) -> int:
        """Of all levels."""
        return sum(self.levels)

    @property
    def length(self) -> int:
        """F: levels on the grid, then the colours."""
        return self.channels * self.grid[0] * self.grid[1] + 3 * PATCHES**2

    def split(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Features (N, F) as levels (N, channels, rows, columns) and colours (N, 3, 4, 4)."""
        colours = 3 * PATCHES**2
        grid = features[:, :-colours].reshape(-1, self.channels, *self.grid)
        return grid, features[:, -colours:].reshape(-1, 3, PATCHES, PATCHES)


class Resize(nn.Module):
    """Maps (N, C, h, w) to (N, C, rows, columns), the same in torch and in every ONNX Runtime."""

    left: Tensor
    right: Tensor

    def __init__(self, size: tuple[int, int], wanted: tuple[int, int]) -> None:
        super().__init__()
        left, right = (
            torch.tensor(resize_matrix(old, new), dtype=torch.float32)
            for old, new in zip(size, wanted, strict=True)
        )
        self.register_buffer("left", left, persistent=False)
        self.register_buffer("right", right.T.contiguous(), persistent=False)
        self.same = size == wanted

    def forward(self, maps: Tensor) -> Tensor:
        """Resize; what has the size already stays."""
        return maps if self.same else self.left @ maps @ self.right


class BackboneInput(nn.Module):
    """uint8 (N, H, W, 3) RGB -> float (N, 3, h, w), as the network was trained to
    see images; and their colours.
    """

    mean: Tensor
    std: Tensor

    def __init__(
        self,
        image_size: tuple[int, int],
        size: tuple[int, int],
        mean: Sequence[float],
        std: Sequence[float],
    ) -> None:
        """
        Args:
            image_size: (H, W) of the images.
            size: (h, w) that the network gets.
            mean: of 8-bit values, one a channel, taken away.
            std: what they are divided by then.
        """
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(std).view(1, 3, 1, 1), persistent=False)
        self.resize = Resize(image_size, size)
        self.to_patches = Resize(image_size, (PATCHES, PATCHES))

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Standardise and resize; colours (N, 3, 4, 4)."""
        x = (image.permute(0, 3, 1, 2).to(self.mean.dtype) - self.mean) / self.std
        return self.resize(x), self.to_patches(x)


class OnGrid(nn.Module):
    """Colours and levels -> features (N, F), laid out as a FeatureLayout says."""

    def __init__(self, levels: Sequence[tuple[int, int, int]], grid: tuple[int, int]) -> None:
        """
        Args:
            levels: channels, rows and columns of each level.
            grid: rows and columns of the feature map.
        """
        super().__init__()
        self.layout = FeatureLayout(tuple(c for c, _, _ in levels), grid)
        self.to_grid = nn.ModuleList([Resize((h, w), grid) for _, h, w in levels])

    def forward(self, colours: Tensor, *levels: Tensor) -> Tensor:
        """(N, 3, 4, 4), and levels (N, channels, rows, columns) each."""
        parts = [resize(level) for resize, level in zip(self.to_grid, levels, strict=True)]
        return torch.cat([p.flatten(1) for p in [*parts, colours]], dim=1)
