"""Any classification network of torchvision, by its name, with D outputs in place of classes."""

from __future__ import annotations

import difflib

import torch
import torchvision
from torch import Tensor, nn

from slowfeat_trainer.models.convnet import Normalise, initialise
from slowfeat_trainer.models.input_stage import InputStage

# Heads that only serve to train on classes, switched off.
WITHOUT = {
    "googlenet": {"aux_logits": False, "init_weights": False},
    "inception_v3": {"aux_logits": False, "init_weights": False},
}


def backbone_names() -> list[str]:
    """The names that torchvision knows."""
    return list(torchvision.models.list_models(module=torchvision.models))


class TorchvisionBackbone(nn.Module):
    """A network of torchvision, untrained, whose last layer projects to D.

    Those with batch normalisation use the batch's statistics while they train and running ones in
    eval, where a frame's embedding never depends on the other frames.
    """

    def __init__(
        self, name: str, normalise: Normalise, image_size: tuple[int, int], dimension: int
    ) -> None:
        """
        Args:
            name: as in torchvision: resnet18, mobilenet_v3_small, ...
            normalise: of the training frames.
            image_size: (H, W); networks of one fixed size get the frames resized.
            dimension: D.

        Raises:
            ValueError: unknown name (close ones are listed), or frames too small for the network.
        """
        super().__init__()
        known = backbone_names()
        if name not in known:
            close = difflib.get_close_matches(name, known, n=5, cutoff=0.4)
            listed = f"; close: {', '.join(close)}" if close else ""
            raise ValueError(f"torchvision has no classification model {name!r}{listed}")
        self.network = torchvision.models.get_model(
            name, weights=None, num_classes=dimension, **WITHOUT.get(name, {})
        )
        # Some start their last layer at zero, which is right for classes and no start for
        # distances.
        last = [layer for layer in self.network.modules() if isinstance(layer, nn.Linear)][-1:]
        for layer in last:
            initialise(layer)
        side = 224 if name == "maxvit_t" else getattr(self.network, "image_size", None)
        self.front = InputStage(normalise, image_size, (side, side) if side else None)
        self._check(name, image_size)

    def forward(self, image: Tensor) -> Tensor:
        """uint8 (N, H, W, 3) RGB -> embedding (N, D)."""
        embedding: Tensor = self.network(self.front(image))
        return embedding

    def _check(self, name: str, image_size: tuple[int, int]) -> None:
        """One black frame: what is too small is found out here and not in the training."""
        self.eval()
        try:
            with torch.no_grad():
                self(torch.zeros(1, *image_size, 3, dtype=torch.uint8))
        except RuntimeError as error:
            height, width = image_size
            raise ValueError(
                f"{name} cannot take frames of {width}x{height} pixels, take larger ones ({error})"
            ) from error
        self.train()


def torchvision_backbone(
    name: str, normalise: Normalise, image_size: tuple[int, int], dimension: int
) -> TorchvisionBackbone:
    """`TorchvisionBackbone`, the encoder of a name."""
    return TorchvisionBackbone(name, normalise, image_size, dimension)
