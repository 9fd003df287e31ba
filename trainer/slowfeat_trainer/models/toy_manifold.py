"""The toy of Goroshin et al. 2015, section 3 and fig. 1: a rotating object in the plane."""

from __future__ import annotations

from torch import Tensor, nn

from slowfeat_trainer.models.convnet import Normalise, initialise
from slowfeat_trainer.models.input_stage import InputStage

SIDE = 96


class ToyManifold(nn.Module):
    """96x96 grey pixels -> R^2 by two fully connected layers; their width is not published."""

    def __init__(
        self,
        normalise: Normalise,
        image_size: tuple[int, int],
        dimension: int = 2,
        hidden: int = 100,
    ) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            InputStage(normalise, image_size, (SIDE, SIDE), grey=True),
            nn.Flatten(),
            nn.Linear(SIDE * SIDE, hidden),
            nn.ReLU(),
            nn.Linear(hidden, dimension),
        )
        initialise(self)

    def forward(self, image: Tensor) -> Tensor:
        """uint8 (N, H, W, 3) RGB -> embedding (N, D)."""
        embedding: Tensor = self.layers(image)
        return embedding
