"""A small convolutional encoder, fast enough for a robot's CPU."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.data.shrink import Shrink

# Frames embedded at a time, where no gradients are needed.
EMBED_BATCH = 128


class Normalise(nn.Module):
    """uint8 (N, H, W, 3) RGB -> float (N, 3, H, W), each channel standardised.

    Part of the network, so that it is exported with it and training and robot cannot differ.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, mean: npt.ArrayLike, std: npt.ArrayLike) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean, dtype=torch.float32).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(std, dtype=torch.float32).view(1, 3, 1, 1))

    def forward(self, image: Tensor) -> Tensor:
        """Standardise and put the channels first."""
        return (image.permute(0, 3, 1, 2).to(self.mean.dtype) - self.mean) / self.std

    @classmethod
    def fitted_to(cls, frames: FrameStack) -> Normalise:
        """Mean and deviation of each channel over (a sample of) the
        training frames (N, H, W, 3).
        """
        sample = frames[:: max(1, len(frames) // 1000)].astype(np.float64)
        return cls(sample.mean(axis=(0, 1, 2)), np.maximum(sample.std(axis=(0, 1, 2)), 1.0))


class Cropped(nn.Module):
    """A network behind the crop that its frames were given: the robot sends whole images."""

    def __init__(self, network: nn.Module, shrink: Shrink) -> None:
        super().__init__()
        self.network, self.shrink = network, shrink
        (self.row, self.column), (self.height, self.width) = shrink.corner, shrink.size

    def forward(self, image: Tensor) -> Tensor:
        """uint8 (N, H, W, 3) of the whole image -> embedding (N, D) of what the crop leaves."""
        rows = slice(self.row, self.row + self.height)
        columns = slice(self.column, self.column + self.width)
        embedding: Tensor = self.network(image[:, rows, columns])
        return embedding

    @classmethod
    def around(cls, network: nn.Module, shrink: Shrink) -> nn.Module:
        """The network behind its crop; the network itself where nothing is cut off."""
        return network if shrink.whole == shrink.size else cls(network, shrink)


def embed_frames(network: nn.Module, frames: FrameStack) -> npt.NDArray[np.float32]:
    """Embeddings (N, D) of frames (N, H, W, 3) by a network on the CPU, a batch at a time."""
    with torch.no_grad():
        parts = [
            network(torch.from_numpy(frames[i : i + EMBED_BATCH]))
            for i in range(0, len(frames), EMBED_BATCH)
        ]
    return np.asarray(torch.cat(parts).numpy())


def initialise(network: nn.Module) -> None:
    """Glorot initialisation of every layer's weights, zero biases (J, appendix)."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            nn.init.xavier_uniform_(module.weight)
            if module.bias is not None:
                nn.init.zeros_(module.bias)


class SmallConvNet(nn.Module):
    """Four strided convolutions with ReLU, then one linear layer to D.

    Without batch statistics: a frame's embedding never depends
    on the other frames of its batch.
    """

    def __init__(self, normalise: Normalise, image_size: tuple[int, int], dimension: int) -> None:
        super().__init__()
        self.normalise = normalise
        self.features = nn.Sequential(
            nn.Conv2d(3, 32, 5, stride=2, padding=2),
            nn.ReLU(),
            nn.Conv2d(32, 64, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(64, 64, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(64, 64, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Flatten(),
        )
        height, width = (math.ceil(side / 16) for side in image_size)
        self.head = nn.Linear(64 * height * width, dimension)
        initialise(self)

    def forward(self, image: Tensor) -> Tensor:
        """uint8 (N, H, W, 3) RGB -> embedding (N, D)."""
        embedding: Tensor = self.head(self.features(self.normalise(image)))
        return embedding
