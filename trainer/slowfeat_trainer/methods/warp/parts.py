"""What the default method is composed of: each part is a function that another may replace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from slowfeat_trainer.config.method_settings import WarpSettings
from slowfeat_trainer.config.train_config import TrainConfig
from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.geometry.geometry_of_camera import geometry_of
from slowfeat_trainer.methods.training_set import TrainingSet
from slowfeat_trainer.methods.warp.map_encoder import MapEncoder, build_map_encoder
from slowfeat_trainer.methods.warp.map_objective import map_terms
from slowfeat_trainer.methods.warp.slow_objective import slow_terms
from slowfeat_trainer.models.warp_transform import WarpTransform


def build_warp(data: TrainingSet, settings: WarpSettings) -> WarpTransform:
    """The warp of the first camera's image, and the step of the slow code, with fresh weights."""
    return WarpTransform(
        geometry_of(data.camera),
        settings.map_shape,
        data.pairs.motions,
        window=settings.map_window,
        slow=settings.slow_dimension,
    )


@dataclass(frozen=True)
class WarpParts:
    """The parts of the default method; the defaults are what is shipped."""

    # Image to embedding: a backbone with its map head and its slow head, for frames (N, H, W, 3).
    encoder: Callable[[FrameStack, TrainConfig], MapEncoder] = build_map_encoder
    # Embedding and motion to the embedding after.
    transform: Callable[[TrainingSet, WarpSettings], WarpTransform] = build_warp
    # Weighted terms of feature maps before, as predicted, and after; see map_objective.
    map_terms: Callable[[Tensor, Tensor, Tensor, Tensor, WarpSettings], dict[str, Tensor]] = (
        map_terms
    )
    # Weighted terms of slow codes before and after; see slow_objective.
    slow_terms: Callable[
        [Tensor, Tensor, Tensor, WarpTransform, WarpSettings], dict[str, Tensor]
    ] = slow_terms
