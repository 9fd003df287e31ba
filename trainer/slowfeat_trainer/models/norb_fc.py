"""The network for NORB of Jayaraman & Grauman 2015 (ICCV), section 4.1."""

from __future__ import annotations

from torch import Tensor, nn

from slowfeat_trainer.models.convnet import Normalise, initialise
from slowfeat_trainer.models.input_stage import InputStage


class NorbFc(nn.Module):
    """Grey pixels at the frames' own size -> 20 units with ReLU -> D = 100, fully connected."""

    def __init__(
        self,
        normalise: Normalise,
        image_size: tuple[int, int],
        dimension: int = 100,
        hidden: int = 20,
    ) -> None:
        super().__init__()
        height, width = image_size
        self.layers = nn.Sequential(
            InputStage(normalise, image_size, grey=True),
            nn.Flatten(),
            nn.Linear(height * width, hidden),
            nn.ReLU(),
            nn.Linear(hidden, dimension),
        )
        initialise(self)

    def forward(self, image: Tensor) -> Tensor:
        """uint8 (N, H, W, 3) RGB -> embedding (N, D)."""
        embedding: Tensor = self.layers(image)
        return embedding
