"""A frozen backbone as one ONNX graph, `image` to `features`: what training caches and what the
robot runs are the same.

However the network is given (torch, or an ONNX file), it becomes such a graph once. ONNX Runtime
computes the features that the head is trained on, and the exported encoder is this graph with the
head's behind it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import torch
from torch import Tensor, nn

from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.models.backbones.identity import BackboneIdentity
from slowfeat_trainer.models.backbones.levels import BackboneInput, FeatureLayout, OnGrid

# Images computed at a time.
BATCH = 32


class WholeBackbone(nn.Module):
    """Input, network and grid in one: uint8 (N, H, W, 3) -> features (N, F)."""

    def __init__(self, front: BackboneInput, network: nn.Module, on_grid: OnGrid) -> None:
        super().__init__()
        self.front, self.network, self.on_grid = front, network, on_grid

    @property
    def layout(self) -> FeatureLayout:
        """What stands where in the features."""
        return self.on_grid.layout

    def forward(self, image: Tensor) -> Tensor:
        """Features of images."""
        x, colours = self.front(image)
        features: Tensor = self.on_grid(colours, *self.network(x))
        return features


class FeatureGraph:
    """Frozen features of images by ONNX Runtime."""

    def __init__(
        self,
        model: onnx.ModelProto,
        layout: FeatureLayout,
        identity: BackboneIdentity,
        image_size: tuple[int, int],
    ) -> None:
        """
        Args:
            model: `image` uint8 [N, H, W, 3] -> `features` float32 [N, F].
            layout: of the features.
            identity: what network it is.
            image_size: (H, W) of the images.
        """
        self.model, self.layout, self.identity, self.image_size = (
            model,
            layout,
            identity,
            image_size,
        )
        self._session: onnxruntime.InferenceSession | None = None

    def __call__(self, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Features (N, F) of images (N, H, W, 3), a batch at a time."""
        if self._session is None:
            self._session = onnxruntime.InferenceSession(
                self.model.SerializeToString(), providers=["CPUExecutionProvider"]
            )
        parts = [
            self._session.run(None, {"image": np.ascontiguousarray(images[i : i + BATCH])})[0]
            for i in range(0, len(images), BATCH)
        ]
        return np.concatenate(parts) if parts else np.zeros((0, self.layout.length), np.float32)


def sample_features(graph: FeatureGraph, frames: FrameStack, most: int = 256) -> Tensor:
    """Features (M, F) of at most `most` frames, evenly spaced."""
    step = max(1, -(-len(frames) // most))
    return torch.from_numpy(graph(frames[::step]))
