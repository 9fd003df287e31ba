"""An encoder that keeps a coarse map of the image, so that a motion can move it."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from slowfeat_trainer.models.convnet import Normalise, initialise
from slowfeat_trainer.models.map_window import map_window
from slowfeat_trainer.models.slow_head import SlowHead


class MapNet(nn.Module):
    """Convolutions, then pooling to rows x columns and a linear layer a position; nothing global.

    The embedding is the map (channels, rows, columns), weighted by a window and flattened in this
    order; behind it stands the slow code, where there is one.
    """

    window: Tensor

    def __init__(
        self,
        normalise: Normalise,
        shape: tuple[int, int, int],
        window: float = 0.0,
        slow: int = 0,
    ) -> None:
        """
        Args:
            normalise: of the frames.
            shape: channels, rows, columns of the map.
            window: power of the window over its columns (map_window).
            slow: length of the slow code; 0 for none.
        """
        super().__init__()
        self.register_buffer("window", map_window(shape, window))
        channels, rows, columns = shape
        self.normalise = normalise
        self.features = nn.Sequential(
            nn.Conv2d(3, 32, 5, stride=2, padding=2),
            nn.ReLU(),
            nn.Conv2d(32, 48, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(48, 64, 3, padding=1),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d((rows, columns)),
        )
        self.head = nn.Conv2d(64, channels, 1)
        initialise(self)
        self.slow = SlowHead((3, 32, 48, 64), slow) if slow else None

    def forward(self, image: Tensor) -> Tensor:
        """uint8 (N, H, W, 3) RGB -> embedding (N, channels * rows * columns + slow)."""
        layers = []
        features = picture = self.normalise(image)
        for module in self.features:
            features = module(features)
            if isinstance(module, nn.ReLU):
                layers.append(features)
        embedding: Tensor = (self.head(features) * self.window).flatten(1)
        if self.slow is not None:
            embedding = torch.cat([embedding, self.slow(picture, layers)], dim=1)
        return embedding
