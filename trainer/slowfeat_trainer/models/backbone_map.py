"""The default's encoder behind a pretrained backbone: a small head makes the feature map and the
slow code of its levels.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from slowfeat.errors import SlowfeatError
from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.models.backbones.feature_graph import (
    FeatureGraph,
    WholeBackbone,
    sample_features,
)
from slowfeat_trainer.models.backbones.identity import BackboneIdentity
from slowfeat_trainer.models.backbones.levels import FeatureLayout
from slowfeat_trainer.models.convnet import initialise
from slowfeat_trainer.models.map_window import map_window
from slowfeat_trainer.models.slow_head import SlowHead

# Channels between the levels and the map.
HIDDEN = 64
# Frames that the channels are standardised by, and the least deviation of one.
SAMPLE, LEAST = 256, 1e-3


class MapHead(nn.Module):
    """Features (N, F) of a backbone -> embedding: the map (channels, rows,
    columns), then the slow code.
    """

    window: Tensor
    mean: Tensor
    std: Tensor

    def __init__(
        self,
        layout: FeatureLayout,
        channels: int,
        window: float = 0.0,
        slow: int = 0,
    ) -> None:
        """
        Args:
            layout: of the features; its grid is the map's.
            channels: of the map.
            window: power of the window over its columns (map_window).
            slow: length of the slow code; 0 for none.
        """
        super().__init__()
        self.layout = layout
        self.register_buffer("window", map_window((channels, *layout.grid), window))
        self.register_buffer("mean", torch.zeros(1, layout.channels, 1, 1))
        self.register_buffer("std", torch.ones(1, layout.channels, 1, 1))
        self.features = nn.Sequential(
            nn.Conv2d(layout.channels, HIDDEN, 1),
            nn.ReLU(),
            nn.Conv2d(HIDDEN, HIDDEN, 3, padding=1),
            nn.ReLU(),
        )
        self.head = nn.Conv2d(HIDDEN, channels, 1)
        initialise(self)
        self.slow = SlowHead((3, *layout.levels), slow) if slow else None

    def standardise(self, features: Tensor) -> None:
        """Fit mean and deviation of each channel to features (N, F) of training images."""
        grid, _ = self.layout.split(features)
        self.mean.copy_(grid.mean(dim=(0, 2, 3), keepdim=True))
        self.std.copy_(grid.std(dim=(0, 2, 3), keepdim=True).clamp(min=LEAST))

    def forward(self, features: Tensor) -> Tensor:
        """Features (N, F) -> embedding (N, channels * rows * columns + slow)."""
        grid, colours = self.layout.split(features)
        grid = (grid - self.mean) / self.std
        embedding: Tensor = (self.head(self.features(grid)) * self.window).flatten(1)
        if self.slow is not None:
            levels = torch.split(grid, list(self.layout.levels), dim=1)
            embedding = torch.cat([embedding, self.slow(colours, levels)], dim=1)
        return embedding


class BackboneMapNet(nn.Module):
    """A backbone with a MapHead: uint8 (N, H, W, 3) RGB -> embedding (N, D).

    Frozen, the backbone is a graph that ONNX Runtime computes, and only the head is a network of
    torch. To be fine-tuned, it is a part of this module; its batch normalisation keeps the
    statistics that it came with.
    """

    backbone_sha256: Tensor

    def __init__(
        self,
        backbone: FeatureGraph | WholeBackbone,
        identity: BackboneIdentity,
        head: MapHead,
        image_size: tuple[int, int],
    ) -> None:
        """
        Args:
            backbone: frozen, or to be fine-tuned.
            identity: what it is.
            head: behind it.
            image_size: (H, W) of the images.
        """
        super().__init__()
        self.frozen = backbone if isinstance(backbone, FeatureGraph) else None
        self.tuned = backbone if isinstance(backbone, WholeBackbone) else None
        self.identity, self.head, self.image_size = identity, head, image_size
        self.register_buffer("backbone_sha256", _bytes_of(identity))
        self.register_load_state_dict_pre_hook(_refuse_other_backbone)  # type: ignore[no-untyped-call]

    @property
    def window(self) -> Tensor:
        """Weights of the map's places, (rows, columns)."""
        return self.head.window

    @property
    def slow(self) -> SlowHead | None:
        """The slow code's head; None without."""
        return self.head.slow

    def fit_to(self, frames: FrameStack) -> None:
        """Standardise the head's input by a sample of the training frames (N, H, W, 3)."""
        if self.frozen is not None:
            self.head.standardise(sample_features(self.frozen, frames, SAMPLE))
            return
        step = max(1, -(-len(frames) // SAMPLE))
        with torch.no_grad():
            self.head.standardise(self.features(torch.from_numpy(frames[::step])))

    def features(self, image: Tensor) -> Tensor:
        """Features (N, F) of images (N, H, W, 3), 8-bit values."""
        if self.tuned is not None:
            found: Tensor = self.tuned(image)
            return found
        assert self.frozen is not None  # noqa: S101 - one of the two
        images = image.detach().cpu()
        if images.dtype != torch.uint8:
            images = images.round().clamp(0, 255).to(torch.uint8)
        return torch.from_numpy(self.frozen(np.asarray(images.numpy()))).to(image.device)

    def forward(self, image: Tensor) -> Tensor:
        """uint8 (N, H, W, 3) RGB -> embedding (N, D)."""
        embedding: Tensor = self.head(self.features(image))
        return embedding

    def train(self, mode: bool = True) -> BackboneMapNet:
        """As every module; the backbone's batch normalisation keeps its statistics."""
        super().train(mode)
        if self.tuned is not None:
            self.tuned.eval()
        return self


def _bytes_of(identity: BackboneIdentity) -> Tensor:
    return torch.tensor(list(bytes.fromhex(identity.sha256)), dtype=torch.uint8)


def _refuse_other_backbone(
    module: nn.Module, state: dict[str, Tensor], prefix: str, *_: object
) -> None:
    """A head that was learned on other weights than these is worth nothing."""
    assert isinstance(module, BackboneMapNet)  # noqa: S101 - for the type checker
    found = state.get(f"{prefix}backbone_sha256")
    if found is not None and not torch.equal(found.cpu(), _bytes_of(module.identity)):
        raise SlowfeatError(
            f"these weights were learned on another version of the backbone {module.identity.name} "
            f"(sha256 {bytes(found.tolist()).hex()[:12]}, here {module.identity.sha256[:12]})"
        )
