"""`sfa`: slow feature analysis in closed form (Wiskott & Sejnowski 2002),
the baseline without training.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from torch import Tensor, nn

from slowfeat.errors import BagError, UsageError
from slowfeat_trainer.config.train_config import TrainConfig
from slowfeat_trainer.data.pairs import Index
from slowfeat_trainer.methods.method import Method
from slowfeat_trainer.methods.training_set import Batch, TrainingSet
from slowfeat_trainer.models.sfa_encoder import SfaEncoder


class SfaMethod(Method):
    """Fitted when it is built; there is nothing to be stepped."""

    takes_labels = False

    def __init__(self, data: TrainingSet, config: TrainConfig) -> None:
        super().__init__()
        if config.steps:
            raise UsageError("sfa is fitted in closed form: leave --steps out")
        try:
            self.encoder = SfaEncoder.fitted_to(data.part.frames, config.dimension, data.part.block)
        except ValueError as error:
            raise BagError(f"sfa cannot be fitted: {error}") from error
        self._dimension = config.dimension

    @classmethod
    def network_of(cls, config: TrainConfig) -> dict[str, Any]:
        """Slow features, and how many."""
        return {"encoder": "sfa", "--dimension": config.dimension}

    @property
    def dimension(self) -> int:
        """D."""
        return self._dimension

    def frames_of(self, batch: Batch) -> Index:
        """None."""
        del batch
        return np.zeros(0, dtype=np.int64)

    def losses(
        self, frames: Tensor, batch: Batch, data: TrainingSet, config: TrainConfig
    ) -> dict[str, Tensor]:
        """None."""
        del frames, batch, data, config
        return {}

    def transforms(self, data: TrainingSet) -> dict[str, nn.Module]:
        """None; a map is fitted at export."""
        del data
        return {}
