"""The default's encoder as a configuration asks for it: the small network, or a head behind a
pretrained backbone.
"""

from __future__ import annotations

from slowfeat_trainer.config.backbone_spec import SMALL
from slowfeat_trainer.config.method_settings import WarpSettings
from slowfeat_trainer.config.train_config import TrainConfig
from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.models.backbone_map import BackboneMapNet, MapHead
from slowfeat_trainer.models.backbones.build import frozen_backbone, whole_backbone
from slowfeat_trainer.models.backbones.levels import FeatureLayout
from slowfeat_trainer.models.convnet import Normalise
from slowfeat_trainer.models.mapnet import MapNet

MapEncoder = MapNet | BackboneMapNet


def small_map_encoder(frames: FrameStack, settings: WarpSettings) -> MapNet:
    """The small network with fresh weights, normalised for frames (N, H, W, 3)."""
    return MapNet(
        Normalise.fitted_to(frames),
        settings.map_shape,
        settings.map_window,
        settings.slow_dimension,
    )


def map_head(layout: FeatureLayout, settings: WarpSettings) -> MapHead:
    """The head behind a backbone whose features are laid out so, with fresh weights."""
    return MapHead(layout, settings.map_channels, settings.map_window, settings.slow_dimension)


def build_map_encoder(frames: FrameStack, config: TrainConfig) -> MapEncoder:
    """An encoder with fresh weights, but for those of a backbone.

    Args:
        frames: (N, H, W, 3) of the training, to which normalisation is fitted.
        config: settings; `backbone` is resolved.

    Raises:
        UsageError: the backbone cannot be had.
    """
    settings = config.of(WarpSettings)
    grid = (settings.map_rows, settings.map_columns)
    if settings.backbone == SMALL:
        return small_map_encoder(frames, settings)
    size = config.reading.image_size
    if settings.finetune:
        whole, identity = whole_backbone(settings.backbone, size, grid)
        head = map_head(whole.layout, settings)
        encoder = BackboneMapNet(whole, identity, head, size)
    else:
        graph = frozen_backbone(settings.backbone, size, grid)
        head = map_head(graph.layout, settings)
        encoder = BackboneMapNet(graph, graph.identity, head, size)
    encoder.fit_to(frames)
    return encoder
