"""The guard against collapse (VICReg): not in the papers, and weighted 0 in their presets."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from slowfeat_trainer.config.method_settings import PooledSettings
from slowfeat_trainer.config.train_config import TrainConfig
from slowfeat_trainer.data.pairs import Index
from slowfeat_trainer.methods.terms.term import Term
from slowfeat_trainer.methods.training_set import Batch, TrainingSet
from slowfeat_trainer.objectives import variance_covariance


class VarianceTerm(Term):
    """The spread of each dimension stays above a target."""

    part = 0

    def views(self, batch: Batch) -> dict[str, Index]:
        """The frames before a motion."""
        return {"before": batch.before}

    def loss(
        self, z: Mapping[str, Tensor], batch: Batch, data: TrainingSet, config: TrainConfig
    ) -> Tensor:
        """A hinge on the standard deviations, or the squared correlations."""
        del batch, data
        # The scale at which two unrelated frames are about a margin of drlim apart.
        target = config.of(PooledSettings).drlim_margin / config.dimension**0.5
        return variance_covariance(z["before"], target)[self.part]


class CovarianceTerm(VarianceTerm):
    """Dimensions do not repeat each other."""

    part = 1
