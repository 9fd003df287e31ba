"""Second-order coherence: the steps of the code in evenly spaced
triplets (SSFA; G's conclusion).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from slowfeat_trainer.config.method_settings import PooledSettings
from slowfeat_trainer.config.train_config import TrainConfig
from slowfeat_trainer.data.pairs import Index
from slowfeat_trainer.methods.terms.term import Term
from slowfeat_trainer.methods.training_set import Batch, TrainingSet
from slowfeat_trainer.objectives import linearising, steady


class SteadyTerm(Term):
    """`ssfa`'s steadiness: two steps alike in even triplets, unlike in others."""

    def views(self, batch: Batch) -> dict[str, Index]:
        """The triplets."""
        t = batch.triplets
        return {"first": t.first, "second": t.second, "third": t.third}

    def loss(
        self, z: Mapping[str, Tensor], batch: Batch, data: TrainingSet, config: TrainConfig
    ) -> Tensor:
        """Contrast of even and other triplets."""
        del data
        even = torch.from_numpy(batch.triplets.is_even).to(z["first"].device)
        return steady(
            z["first"], z["second"], z["third"], even, config.of(PooledSettings).drlim_margin
        )


class LinearisingTerm(SteadyTerm):
    """`linearising`: the second step goes where the first one went."""

    def loss(
        self, z: Mapping[str, Tensor], batch: Batch, data: TrainingSet, config: TrainConfig
    ) -> Tensor:
        """Of the even triplets alone."""
        del data, config
        # Found here, for a GPU would have to be waited for to learn how many there are.
        even = torch.from_numpy(np.flatnonzero(batch.triplets.is_even)).to(z["first"].device)
        return linearising(z["first"][even], z["second"][even], z["third"][even])
