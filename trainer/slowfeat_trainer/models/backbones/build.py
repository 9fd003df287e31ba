"""From what the user says to a backbone: frozen, as a graph of ONNX, or a
network of torch to fine-tune.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from slowfeat.errors import UsageError
from slowfeat_trainer.config.backbone_spec import PRETRAINED, BackboneSpec, parse_backbone
from slowfeat_trainer.models.backbones import efficientnet_lite, onnx_levels
from slowfeat_trainer.models.backbones.feature_graph import FeatureGraph, WholeBackbone
from slowfeat_trainer.models.backbones.identity import BackboneIdentity
from slowfeat_trainer.models.backbones.levels import IMAGENET, BackboneInput, OnGrid
from slowfeat_trainer.models.backbones.onnx_graph import chain
from slowfeat_trainer.models.backbones.timm_levels import load_timm
from slowfeat_trainer.models.backbones.torchvision_levels import load_torchvision
from slowfeat_trainer.models.onnx_export import to_onnx

Size = tuple[int, int]
Colours = tuple[float, ...]


@dataclass(frozen=True)
class Loaded:
    """A network of torch with its weights: (N, 3, h, w) -> levels."""

    network: nn.Module
    identity: BackboneIdentity
    # Mean and deviation of 8-bit values that it was trained with.
    mean: Colours
    std: Colours


def load_network(spec: BackboneSpec, size: Size) -> Loaded:
    """A network of torch.

    Raises:
        UsageError: it cannot be had.
    """
    if spec.kind == PRETRAINED:
        network, identity = efficientnet_lite.load_efficientnet_lite()
        return Loaded(network, identity, efficientnet_lite.MEAN, efficientnet_lite.STD)
    if spec.kind == "torchvision":
        return Loaded(*load_torchvision(spec, size), *IMAGENET)
    if spec.kind == "timm":
        network, identity, settings = load_timm(spec)
        mean, std = (
            tuple(255 * x for x in settings[key]) if key in settings else default
            for key, default in zip(("mean", "std"), IMAGENET, strict=True)
        )
        return Loaded(network, identity, mean, std)
    raise UsageError(
        f"--backbone {spec} cannot be fine-tuned: only its graph is there; leave --finetune out"
    )


def whole_backbone(
    text: str, image_size: Size, grid: Size
) -> tuple[WholeBackbone, BackboneIdentity]:
    """A network of torch from images to features on a grid, to be fine-tuned.

    Args:
        text: as `--backbone` says it.
        image_size: (H, W) of the images, which is what the network gets.
        grid: rows and columns of the feature map.

    Raises:
        UsageError: it cannot be had, or takes no images of this size.
    """
    spec = parse_backbone(text)
    loaded = load_network(spec, image_size)
    network = loaded.network.eval()
    try:
        with torch.no_grad():
            levels = network(torch.zeros(1, 3, *image_size))
    except RuntimeError as error:
        height, width = image_size
        raise UsageError(
            f"--backbone {spec} takes no images of {width}x{height}: give a larger --size ({error})"
        ) from error
    shapes = [(x.shape[1], x.shape[2], x.shape[3]) for x in levels]
    front = BackboneInput(image_size, image_size, loaded.mean, loaded.std)
    return WholeBackbone(front, network, OnGrid(shapes, grid)), loaded.identity


def frozen_backbone(text: str, image_size: Size, grid: Size) -> FeatureGraph:
    """A backbone that stays as it is, as one graph of ONNX.

    Args:
        text: as `--backbone` says it.
        image_size: (H, W) of the images, which is what the network gets.
        grid: rows and columns of the feature map.

    Raises:
        UsageError: it cannot be had, or takes no images of this size.
    """
    spec = parse_backbone(text)
    image = torch.zeros(2, *image_size, 3, dtype=torch.uint8)
    if spec.kind != "onnx":
        whole, identity = whole_backbone(text, image_size, grid)
        model = to_onnx(whole, {"image": image}, ["features"])
        return FeatureGraph(model, whole.layout, identity, image_size)
    network, levels, identity = onnx_levels.load_onnx(spec, image_size)
    front = BackboneInput(image_size, image_size, onnx_levels.MEAN, onnx_levels.STD)
    behind = OnGrid(levels, grid)
    x, colours = front(image)
    maps = {f"level_{k}": torch.zeros(2, *shape) for k, shape in enumerate(levels)}
    parts = (
        # What comes last is taken first: the image by the network, and the colours by what is
        # behind it.
        ("front", to_onnx(_ColoursFirst(front), {"image": image}, ["colours", "x"])),
        ("network", network),
        ("grid", to_onnx(behind, {"colours": colours, **maps}, ["features"])),
    )
    del x
    return FeatureGraph(chain(*parts), behind.layout, identity, image_size)


class _ColoursFirst(nn.Module):
    def __init__(self, front: BackboneInput) -> None:
        super().__init__()
        self.front = front

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        x, colours = self.front(image)
        return colours, x
