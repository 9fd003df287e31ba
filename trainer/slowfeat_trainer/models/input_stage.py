"""The first layer of encoders that want another image than the
camera's: standardised, resized, grey.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from slowfeat_trainer.models.convnet import Normalise

Float = npt.NDArray[np.float64]

# Share of red, green and blue in the brightness (ITU-R BT.601).
LUMA = (0.299, 0.587, 0.114)


def resize_matrix(size: int, wanted: int) -> Float:
    """(wanted, size): a line of pixels resized, by areas when it
    shrinks and linearly when it grows.
    """
    if wanted <= size:
        edges = np.arange(wanted + 1) * size / wanted
        pixel = np.arange(size)
        # How much of each old pixel lies within each new one.
        overlap = np.minimum(edges[1:, None], pixel + 1) - np.maximum(edges[:-1, None], pixel)
        return np.asarray(np.maximum(overlap, 0.0) * wanted / size)
    centres = np.clip((np.arange(wanted) + 0.5) * size / wanted - 0.5, 0, size - 1)
    return np.asarray(np.maximum(0.0, 1 - np.abs(centres[:, None] - np.arange(size))))


class InputStage(nn.Module):
    """uint8 (N, H, W, 3) RGB -> float (N, channels, h, w), standardised, resized, grey where
    wanted.

    Resizing is two matrix products: it means the same in torch and in every ONNX Runtime, for any
    pair of sizes.
    """

    rows: Tensor
    columns: Tensor
    luma: Tensor

    def __init__(
        self,
        normalise: Normalise,
        image_size: tuple[int, int],
        size: tuple[int, int] | None = None,
        grey: bool = False,
    ) -> None:
        """
        Args:
            normalise: of the training frames.
            image_size: (H, W) of the frames.
            size: (h, w) that the network takes; None for that of the frames.
            grey: one channel instead of three.
        """
        super().__init__()
        self.normalise = normalise
        self.grey = grey
        self.size = size or image_size
        self.channels = 1 if grey else 3
        for name, old, new in zip(("rows", "columns"), image_size, self.size, strict=True):
            matrix = torch.tensor(resize_matrix(old, new), dtype=torch.float32)
            self.register_buffer(name, matrix, persistent=False)
        self.resizes = self.size != image_size
        self.register_buffer("luma", torch.tensor(LUMA).view(1, 3, 1, 1), persistent=False)

    @property
    def shape(self) -> tuple[int, int, int]:
        """(channels, h, w)."""
        return self.channels, *self.size

    def forward(self, image: Tensor) -> Tensor:
        """uint8 (N, H, W, 3) -> (N, channels, h, w)."""
        x: Tensor = self.normalise(image)
        if self.grey:
            x = (x * self.luma).sum(dim=1, keepdim=True)
        return self.rows @ x @ self.columns.T if self.resizes else x
