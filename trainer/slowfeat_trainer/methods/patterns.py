"""The papers' contrastive methods: a pooled code, one map a motion pattern (J), temporal coherence (G)."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from slowfeat_trainer.config import TrainConfig
from slowfeat_trainer.methods.base import Method
from slowfeat_trainer.models.convnet import Normalise, SmallConvNet
from slowfeat_trainer.models.motion_maps import PatternMaps
from slowfeat_trainer.models.transform import PatternTransform
from slowfeat_trainer.objectives import drlim, equivariance, variance_covariance
from slowfeat_trainer.pairs import Index
from slowfeat_trainer.training_set import Batch, TrainingSet


class PatternMethod(Method):
    """`equiv`, `drlim`, `equiv_drlim`, and `random` where nothing is trained."""

    def __init__(self, data: TrainingSet, config: TrainConfig) -> None:
        super().__init__()
        normalise = Normalise.fitted_to(data.part.frames)
        size = config.reading.image_size
        self.encoder = SmallConvNet(normalise, size, config.dimension)
        self.maps = PatternMaps(len(data.patterns), config.dimension)
        self._learns_maps = config.equivariance_weight > 0 and config.steps > 0
        self._dimension = config.dimension

    @property
    def dimension(self) -> int:
        """D."""
        return self._dimension

    def frames_of(self, batch: Batch) -> Index:
        """Pairs, and neighbours in time."""
        return np.concatenate([batch.before, batch.after, batch.near, batch.next])

    def losses(
        self, frames: Tensor, batch: Batch, data: TrainingSet, config: TrainConfig
    ) -> dict[str, Tensor]:
        """Equivariance on the pairs, drlim on the neighbours with every frame of the pairs as a negative."""
        index = self.frames_of(batch)
        z = self.embed(frames)
        b, k = len(batch.before), len(batch.near)
        before, after, near, following = torch.split(z, [b, b, k, k])
        terms = {}
        if config.equivariance_weight:
            pattern = torch.from_numpy(batch.pattern).to(z.device)
            value = equivariance(self.maps(before), after, pattern, config.equivariance_margin)
            terms["equivariance"] = config.equivariance_weight * value
        if config.drlim_weight:
            others = index[: 2 * b]
            far = (np.abs(others[None] - batch.near[:, None]) > 1) | (
                data.part.block[others][None] != data.part.block[batch.near][:, None]
            )
            is_far = torch.from_numpy(far).to(z.device)
            value = drlim(near, following, z[: 2 * b], is_far, config.drlim_margin)
            terms["drlim"] = config.drlim_weight * value
        if config.variance_weight or config.covariance_weight:
            # The scale at which two unrelated frames are about a margin of drlim apart.
            target = config.drlim_margin / config.dimension**0.5
            variance, covariance = variance_covariance(before, target)
            terms["variance"] = config.variance_weight * variance
            terms["covariance"] = config.covariance_weight * covariance
        return terms

    def transforms(self, data: TrainingSet) -> dict[str, nn.Module]:
        """The map of the nearest motion pattern."""
        if not self._learns_maps:
            return {}
        return {"patterns": PatternTransform(data.patterns, self.maps.weight)}
