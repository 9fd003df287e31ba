"""Maps of motions with parameters as after some training."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from slowfeat_papers.measures.bottleneck_maps import BottleneckMaps, NearestPatternMap
from slowfeat_trainer.data.motion_patterns import MotionPatterns
from slowfeat_trainer.models.continuous_map import ContinuousMap
from slowfeat_trainer.models.lie_map import LieMap
from slowfeat_trainer.models.motion_maps import PatternMaps

D = 16
SCALE = np.array([0.3, 0.0, 0.0, 0.0, 0.0, 0.2])
CENTROIDS = np.zeros((3, 6))
CENTROIDS[1, 0], CENTROIDS[2, 5] = 0.5, 0.4
PATTERNS = MotionPatterns(CENTROIDS, SCALE, np.zeros(6), np.array([5, 4, 3]))


def shaken(module: nn.Module) -> nn.Module:
    """With parameters as after some training."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter += 0.2 * torch.randn_like(parameter)
    return module


FORMS = {
    "bottleneck": lambda: NearestPatternMap(PATTERNS, BottleneckMaps(3, D, 4)),
    "linear": lambda: NearestPatternMap(PATTERNS, PatternMaps(3, D)),
    "continuous": lambda: ContinuousMap(D, SCALE, rank=4),
    "lie": lambda: LieMap(D, scale=SCALE),
}
