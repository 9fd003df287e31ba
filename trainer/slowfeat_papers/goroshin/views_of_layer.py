"""What an auto-encoder's layer makes of frames beside its code: its units,
and the frame rebuilt from them.
"""

from __future__ import annotations

from torch import Tensor, nn

from slowfeat_trainer.models.autoencoder import PoolingAutoencoder


class Hidden(nn.Module):
    """h, before the pools."""

    def __init__(self, layer: PoolingAutoencoder) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, image: Tensor) -> Tensor:
        """uint8 (N, H, W, 3) -> (N, units) or (N, maps, h, w)."""
        return self.layer.hidden(self.layer.inputs(image))


class Rebuilt(Hidden):
    """W_d h."""

    def forward(self, image: Tensor) -> Tensor:
        """uint8 (N, H, W, 3) -> like the layer's input x."""
        rebuilt: Tensor = self.layer.decoder(super().forward(image))
        return rebuilt
