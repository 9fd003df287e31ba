"""Temporal coherence: neighbours in time are close, others a margin apart (G eq. 1, J)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import Tensor

from slowfeat_trainer.config.method_settings import PooledSettings
from slowfeat_trainer.config.train_config import TrainConfig
from slowfeat_trainer.data.pairs import Index
from slowfeat_trainer.methods.terms.term import Term
from slowfeat_trainer.methods.training_set import Batch, TrainingSet
from slowfeat_trainer.objectives import drlim, temporal

# Frames this far apart are neighbours (G: T = 1 frame).
NEIGHBOURHOOD = 1


class DrlimTerm(Term):
    """`drlim`: the l2 distance. Every frame of the pairs is a negative of each neighbour."""

    contrast: Callable[..., Tensor] = staticmethod(drlim)

    def views(self, batch: Batch) -> dict[str, Index]:
        """Neighbours, and the frames of the pairs."""
        return {
            "near": batch.near,
            "next": batch.next,
            "before": batch.before,
            "after": batch.after,
        }

    def loss(
        self, z: Mapping[str, Tensor], batch: Batch, data: TrainingSet, config: TrainConfig
    ) -> Tensor:
        """Pull the neighbours together, push the frames of the pairs away where they are none."""
        others = np.concatenate([batch.before, batch.after])
        far = (np.abs(others[None] - batch.near[:, None]) > NEIGHBOURHOOD) | (
            data.part.block[others][None] != data.part.block[batch.near][:, None]
        )
        far_z = torch.cat([z["before"], z["after"]])
        is_far = torch.from_numpy(far).to(far_z.device)
        return self.contrast(
            z["near"], z["next"], far_z, is_far, config.of(PooledSettings).drlim_margin
        )


class TemporalTerm(DrlimTerm):
    """`temporal`: the l1 distance (Mobahi et al. 2009)."""

    contrast: Callable[..., Tensor] = staticmethod(temporal)
