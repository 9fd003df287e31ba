"""Terms that the robot's own motion drives: equivariance in its forms, and classifying the motion
(lsm).
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from slowfeat_trainer.config.method_settings import PooledSettings
from slowfeat_trainer.config.train_config import TrainConfig
from slowfeat_trainer.data.pairs import Index
from slowfeat_trainer.methods.terms.term import Term
from slowfeat_trainer.methods.training_set import Batch, TrainingSet
from slowfeat_trainer.models.continuous_map import ContinuousMap
from slowfeat_trainer.models.heads import MotionHead
from slowfeat_trainer.models.lie_map import LieMap
from slowfeat_trainer.models.motion_maps import PatternMaps
from slowfeat_trainer.models.transform import PatternTransform
from slowfeat_trainer.objectives import (
    MotionBins,
    equivariance,
    equivariance_continuous,
    lsm,
    ratio,
)


class _PairTerm(Term):
    """A term of pairs with their motion."""

    def views(self, batch: Batch) -> dict[str, Index]:
        """The pairs."""
        return {"before": batch.before, "after": batch.after}


def _motions(batch: Batch, like: Tensor) -> Tensor:
    return torch.tensor(batch.motions, dtype=torch.float32, device=like.device)


class EquivarianceTerm(_PairTerm):
    """`equiv`: one map a motion pattern, contrasted between patterns (J eq. 7)."""

    def __init__(self, data: TrainingSet, config: TrainConfig) -> None:
        super().__init__(data, config)
        self.maps = PatternMaps(len(data.patterns), config.dimension)

    def loss(
        self, z: Mapping[str, Tensor], batch: Batch, data: TrainingSet, config: TrainConfig
    ) -> Tensor:
        """J eq. 7 of the batch's pairs."""
        del data
        pattern = torch.from_numpy(batch.pattern).to(z["before"].device)
        moved = self.maps(z["before"])
        return equivariance(
            moved, z["after"], pattern, config.of(PooledSettings).equivariance_margin
        )

    def transforms(self, data: TrainingSet) -> dict[str, nn.Module]:
        """The map of the nearest motion pattern."""
        return {"patterns": PatternTransform(data.patterns, self.maps.weight)}


class ContinuousTerm(_PairTerm):
    """`equiv_drlim_nondiscrete`: one map that takes the motion (J eq. 13)."""

    def __init__(self, data: TrainingSet, config: TrainConfig) -> None:
        super().__init__(data, config)
        self.map = ContinuousMap(config.dimension, data.patterns.scale)

    def loss(
        self, z: Mapping[str, Tensor], batch: Batch, data: TrainingSet, config: TrainConfig
    ) -> Tensor:
        """J eq. 13 of the batch's pairs."""
        del data, config
        return equivariance_continuous(
            self.map(z["before"], _motions(batch, z["before"])), z["after"]
        )

    def transforms(self, data: TrainingSet) -> dict[str, nn.Module]:
        """The map itself."""
        del data
        return {"continuous": self.map}


class LieTerm(_PairTerm):
    """`lie`: motions act as rotations of the code; the ratio
    objective, which slowness cannot win.
    """

    def __init__(self, data: TrainingSet, config: TrainConfig) -> None:
        super().__init__(data, config)
        self.map = LieMap(config.dimension, scale=data.patterns.scale)

    def loss(
        self, z: Mapping[str, Tensor], batch: Batch, data: TrainingSet, config: TrainConfig
    ) -> Tensor:
        """The ratio objective of the batch's pairs."""
        del data, config
        moved = self.map(z["before"], _motions(batch, z["before"]))
        return ratio(z["before"], moved, z["after"])

    def transforms(self, data: TrainingSet) -> dict[str, nn.Module]:
        """The map itself."""
        del data
        return {"lie": self.map}


class LsmTerm(Term):
    """`lsm`: which motion lies between two views, each component in one of
    20 bins (Agrawal et al. 2015).
    """

    def __init__(self, data: TrainingSet, config: TrainConfig) -> None:
        super().__init__(data, config)
        self.bins = MotionBins.fitted_to(data.pairs.motions, data.patterns.scale)
        self.head = MotionHead(config.dimension, len(self.bins.components), self.bins.count)

    def views(self, batch: Batch) -> dict[str, Index]:
        """Views a few frames apart."""
        first, second = batch.close
        return {"close": first, "closely after": second}

    def loss(
        self, z: Mapping[str, Tensor], batch: Batch, data: TrainingSet, config: TrainConfig
    ) -> Tensor:
        """Cross-entropy over the bins."""
        del data, config
        bins = torch.from_numpy(self.bins.assign(batch.close_motions)).to(z["close"].device)
        return lsm(self.head(z["close"], z["closely after"]), bins)
