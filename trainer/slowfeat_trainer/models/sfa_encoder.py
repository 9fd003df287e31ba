"""Slow feature analysis as an encoder of frames (Wiskott & Sejnowski
2002), fitted and not trained.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.models.convnet import Normalise, embed_frames
from slowfeat_trainer.models.full_precision import full_precision
from slowfeat_trainer.models.input_stage import InputStage
from slowfeat_trainer.models.sfa import SlowFeatures, slow_features


class SfaEncoder(nn.Module):
    """Frames made small and grey -> principal components -> their products -> slow features."""

    mean: Tensor
    principal: Tensor
    expanded_mean: Tensor
    weight: Tensor
    first: Tensor
    second: Tensor

    def __init__(self, front: nn.Module, features: SlowFeatures) -> None:
        """
        Args:
            front: uint8 (N, H, W, 3) -> (N, ...) with P numbers a frame.
            features: fitted to what `front` makes of the training frames.
        """
        super().__init__()
        self.front = front.double()
        self.quadratic = features.quadratic
        for name in ("mean", "principal", "expanded_mean", "weight"):
            # Products of components subtract large numbers from each other: in single precision the
            # exported model would differ from this one in the fourth digit.
            self.register_buffer(name, torch.tensor(getattr(features, name), dtype=torch.float64))
        i, j = np.triu_indices(features.principal.shape[1])
        self.register_buffer("first", torch.tensor(i), persistent=False)
        self.register_buffer("second", torch.tensor(j), persistent=False)

    @classmethod
    def fitted_to(
        cls,
        frames: FrameStack,
        dimension: int,
        block: npt.NDArray[np.int64] | None = None,
        components: int = 40,
        side: int = 16,
    ) -> SfaEncoder:
        """Fit to the training frames, which follow each other in time.

        Args:
            frames: (N, H, W, 3).
            dimension: D.
            block: (N,) number of the clip that each frame is of; None: all are of one.
            components: principal components of the image that are expanded; 40 make 860 products
                and need some thousand frames.
            side: pixels that the images are made small to.

        Raises:
            ValueError: too few frames, or D above what the expansion has.
        """
        height, width = frames.shape[1:3]
        front = InputStage(Normalise.fitted_to(frames), (height, width), (side, side), grey=True)
        x = embed_frames(front, frames).reshape(len(frames), -1).astype(np.float64)
        return cls(front, slow_features(x, dimension, components, block))

    @full_precision
    def forward(self, image: Tensor) -> Tensor:
        """uint8 (N, H, W, 3) RGB -> embedding (N, D), the slowest feature first."""
        y = (self.front(image).flatten(1) - self.mean) @ self.principal
        if self.quadratic:
            y = torch.cat([y, y[:, self.first] * y[:, self.second]], dim=1)
        embedding: Tensor = (y - self.expanded_mean) @ self.weight
        return embedding.float()
