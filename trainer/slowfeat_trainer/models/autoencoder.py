"""The pooling auto-encoder of Goroshin et al. 2015, section 4: what its layers and forms share.

    h = relu(W_e x),    z_i = ||h||_Pi,    x is reconstructed from h by W_d h

z is the embedding. The columns of W_d keep unit norm: otherwise the penalties on h are gamed by a
small h and a large W_d, at no cost in reconstruction.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from slowfeat_trainer.models.convnet import initialise
from slowfeat_trainer.models.pooling import L2Pool


class Code(NamedTuple):
    """What eq. 2 and 3 are computed from; the batch comes first in each."""

    x: Tensor
    reconstruction: Tensor
    h: Tensor
    z: Tensor


class PoolingAutoencoder(nn.Module):
    """An encoder of frames, with the decoder that it is trained with."""

    def __init__(
        self,
        inputs: nn.Module,
        encoder: nn.Linear | nn.Conv2d,
        decoder: nn.Linear | nn.Conv2d,
        pool: L2Pool,
    ) -> None:
        """
        Args:
            inputs: uint8 (N, H, W, 3) -> x, what is encoded and reconstructed.
            encoder: W_e, with the bias.
            decoder: W_d.
            pool: h -> z.
        """
        super().__init__()
        self.inputs = inputs
        self.encoder = encoder
        self.decoder = decoder
        self.pool = pool
        for layer in (encoder, decoder):
            initialise(layer)
        self.normalise_columns()

    def hidden(self, x: Tensor) -> Tensor:
        """Activations h of inputs x."""
        return functional.relu(self.encoder(x))

    def maps(self, image: Tensor) -> Tensor:
        """The code z of frames, in the shape that the pools have."""
        z: Tensor = self.pool(self.hidden(self.inputs(image)))
        return z

    def forward(self, image: Tensor) -> Tensor:
        """uint8 (N, H, W, 3) RGB -> embedding (N, D)."""
        return self.maps(image).flatten(1)

    def code(self, image: Tensor) -> Code:
        """All that the objectives need of frames uint8 (N, H, W, 3)."""
        x = self.inputs(image)
        h = self.hidden(x)
        return Code(x, self.decoder(h), h, self.pool(h))

    @torch.no_grad()
    def normalise_columns(self) -> None:
        """Scale each column of W_d, what one unit of h adds to the image, to unit norm.

        To be called after every step of the optimiser.
        """
        weight = self.decoder.weight
        # Unit 1 of (inputs, units) or (channels, maps, h, w) is the unit of h in both.
        others = [axis for axis in range(weight.ndim) if axis != 1]
        weight /= torch.linalg.vector_norm(weight, dim=others, keepdim=True).clamp(min=1e-12)
