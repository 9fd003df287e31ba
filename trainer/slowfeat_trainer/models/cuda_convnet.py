"""The network for driving of Jayaraman & Grauman 2015 (ICCV), section 4.1, after cuda-convnet."""

from __future__ import annotations

from torch import Tensor, nn

from slowfeat_trainer.models.convnet import Normalise, initialise
from slowfeat_trainer.models.input_stage import InputStage

SIDE = 32


class CudaConvNet(nn.Module):
    """32x32 RGB; three 5x5 convolutions, each with a 3x3 pool of stride 2; full to D = 64."""

    def __init__(
        self, normalise: Normalise, image_size: tuple[int, int], dimension: int = 64
    ) -> None:
        super().__init__()
        self.front = InputStage(normalise, image_size, (SIDE, SIDE))
        self.features = nn.Sequential(
            nn.Conv2d(3, 32, 5, padding=2),
            nn.MaxPool2d(3, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(32, 32, 5, padding=2),
            nn.ReLU(),
            nn.AvgPool2d(3, stride=2, padding=1, count_include_pad=False),
            nn.Conv2d(32, 64, 5, padding=2),
            nn.ReLU(),
            nn.AvgPool2d(3, stride=2, padding=1, count_include_pad=False),
            nn.Flatten(),
        )
        self.head = nn.Linear(64 * (SIDE // 8) ** 2, dimension)
        initialise(self)

    def forward(self, image: Tensor) -> Tensor:
        """uint8 (N, H, W, 3) RGB -> embedding (N, D)."""
        embedding: Tensor = self.head(self.features(self.front(image)))
        return embedding
