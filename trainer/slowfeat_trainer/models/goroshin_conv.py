"""The convolutional models of Goroshin et al. 2015, section 5:
layer 1, and layer 2 on top of it.
"""

from __future__ import annotations

from torch import Tensor, nn

from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.models.autoencoder import PoolingAutoencoder
from slowfeat_trainer.models.convnet import Normalise
from slowfeat_trainer.models.input_stage import InputStage
from slowfeat_trainer.models.pooling import L2Pool
from slowfeat_trainer.models.whitening import Zca

SIDE = 32
KERNELS = 64


def whitened_input(
    normalise: Normalise, image_size: tuple[int, int], frames: FrameStack
) -> nn.Sequential:
    """Frames made 32x32 and ZCA-whitened as the training frames (N, H, W, 3) ask for."""
    front = InputStage(normalise, image_size, (SIDE, SIDE))
    return nn.Sequential(front, Zca.fitted_to(front, frames))


class GoroshinFirst(PoolingAutoencoder):
    """Whitened 32x32 RGB; 64 kernels 9x9; L2 pools of 4 maps x
    2x2 pixels: 16 x 16 x 16, D = 4096.
    """

    def __init__(self, inputs: nn.Module, stride: int = 4, space_stride: int = 2) -> None:
        """
        Args:
            inputs: uint8 (N, H, W, 3) -> (N, 3, 32, 32), `whitened_input`.
            stride: maps from one pool to the next; below 4 the pools overlap.
            space_stride: pixels from one pool to the next; below 2 the pools overlap.
        """
        super().__init__(
            inputs,
            nn.Conv2d(3, KERNELS, 9, padding=4),
            nn.Conv2d(KERNELS, 3, 9, padding=4, bias=False),
            L2Pool(KERNELS, 4, stride, 2, space_stride),
        )


class GoroshinSecond(PoolingAutoencoder):
    """On the pooled maps of layer 1: 64 kernels 5x5; L2 pools of 4x4 pixels: 64 x 4 x 4, D = 1024.

    Trained greedily, layer 1 is given and stays as it is; jointly (the paper's two-layer drlim), it
    learns with layer 2.
    """

    def __init__(self, first: GoroshinFirst, greedy: bool = True) -> None:
        """
        Args:
            first: layer 1, trained where `greedy`.
            greedy: hold layer 1.
        """
        maps = len(first.pool.members)
        super().__init__(
            _Maps(first),
            nn.Conv2d(maps, KERNELS, 5, padding=2),
            nn.Conv2d(KERNELS, maps, 5, padding=2, bias=False),
            L2Pool(KERNELS, space=4),
        )
        first.requires_grad_(not greedy)


class _Maps(nn.Module):
    """Layer 1 as the input of layer 2."""

    def __init__(self, first: GoroshinFirst) -> None:
        super().__init__()
        self.first = first

    def forward(self, image: Tensor) -> Tensor:
        """uint8 (N, H, W, 3) -> (N, 16, 16, 16)."""
        return self.first.maps(image)
