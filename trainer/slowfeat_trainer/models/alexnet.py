"""AlexNet up to its seventh layer, the large network of Jayaraman & Grauman 2017 (KITTI-227)."""

from __future__ import annotations

from torch import Tensor, nn

from slowfeat_trainer.models.convnet import Normalise, initialise
from slowfeat_trainer.models.input_stage import InputStage

SIDE = 227


class AlexNet(nn.Module):
    """227x227 RGB -> D = 4096, the layer fc7 (Krizhevsky, Sutskever & Hinton 2012).

    fc7 without its ReLU, because distances are taken on it, and without dropout, because two views
    of a pair must go through one network; without local response normalisation. Its M_g is the
    bottleneck form.
    """

    def __init__(
        self, normalise: Normalise, image_size: tuple[int, int], dimension: int = 4096
    ) -> None:
        super().__init__()
        self.front = InputStage(normalise, image_size, (SIDE, SIDE))
        self.features = nn.Sequential(
            nn.Conv2d(3, 96, 11, stride=4),
            nn.ReLU(),
            nn.MaxPool2d(3, stride=2),
            nn.Conv2d(96, 256, 5, padding=2, groups=2),
            nn.ReLU(),
            nn.MaxPool2d(3, stride=2),
            nn.Conv2d(256, 384, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(384, 384, 3, padding=1, groups=2),
            nn.ReLU(),
            nn.Conv2d(384, 256, 3, padding=1, groups=2),
            nn.ReLU(),
            nn.MaxPool2d(3, stride=2),
            nn.Flatten(),
        )
        self.full = nn.Sequential(
            nn.Linear(256 * 6 * 6, 4096), nn.ReLU(), nn.Linear(4096, dimension)
        )
        initialise(self)

    def forward(self, image: Tensor) -> Tensor:
        """uint8 (N, H, W, 3) RGB -> embedding (N, D)."""
        embedding: Tensor = self.full(self.features(self.front(image)))
        return embedding
