"""The default's encoder as a configuration asks for it: the small network, or a head behind a
pretrained backbone.
"""

from __future__ import annotations

from slowfeat_trainer.config.backbone_spec import SMALL
from slowfeat_trainer.config.train_config import TrainConfig
from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.models.backbone_map import BackboneMapNet, MapHead
from slowfeat_trainer.models.backbones.build import frozen_backbone, whole_backbone
from slowfeat_trainer.models.convnet import Normalise
from slowfeat_trainer.models.mapnet import MapNet

MapEncoder = MapNet | BackboneMapNet


def build_map_encoder(frames: FrameStack, config: TrainConfig) -> MapEncoder:
    """An encoder with fresh weights, but for those of a backbone.

    Args:
        frames: (N, H, W, 3) of the training, to which normalisation is fitted.
        config: settings; `backbone` is resolved.

    Raises:
        UsageError: the backbone cannot be had.
    """
    grid = (config.map_rows, config.map_columns)
    if config.backbone == SMALL:
        shape = (config.map_channels, *grid)
        normalise = Normalise.fitted_to(frames)
        return MapNet(normalise, shape, config.map_window, config.slow_dimension)
    size = config.reading.image_size
    if config.finetune:
        whole, identity = whole_backbone(config.backbone, size, grid)
        head = MapHead(whole.layout, config.map_channels, config.map_window, config.slow_dimension)
        encoder = BackboneMapNet(whole, identity, head, size)
    else:
        graph = frozen_backbone(config.backbone, size, grid)
        head = MapHead(graph.layout, config.map_channels, config.map_window, config.slow_dimension)
        encoder = BackboneMapNet(graph, graph.identity, head, size)
    encoder.fit_to(frames)
    return encoder
