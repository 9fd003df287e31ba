"""Methods of a pooled code: an encoder to a vector, and a weighted sum of terms on its embeddings.

All presets of the papers but the auto-encoders are of this kind; what differs is which terms count.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from slowfeat.errors import UsageError
from slowfeat_trainer.config.method_settings import PooledSettings
from slowfeat_trainer.config.train_config import TrainConfig
from slowfeat_trainer.data.pairs import Index
from slowfeat_trainer.methods.method import Method
from slowfeat_trainer.methods.terms import Term, term_of
from slowfeat_trainer.methods.training_set import Batch, TrainingSet
from slowfeat_trainer.models.registry import build_encoder


class PooledMethod(Method):
    """An encoder by name, and the terms that the configuration gives a weight."""

    sees_embeddings_only = True

    def __init__(self, data: TrainingSet, config: TrainConfig) -> None:
        super().__init__()
        settings = config.of(PooledSettings)
        if config.steps and not any(settings.terms.values()):
            raise UsageError(
                f"preset {config.preset} has no objective to make steps with: leave --steps out"
            )
        try:
            self.encoder = build_encoder(
                settings.encoder, data.part.frames, config.reading.image_size, config.dimension
            )
        except ValueError as error:
            raise UsageError(str(error)) from error
        self._dimension = config.dimension
        self._trains = config.steps > 0
        self.terms = nn.ModuleDict(
            {
                name: term_of(name).kind(data, config)
                for name, weight in settings.terms.items()
                if weight
            }
        )

    @classmethod
    def network_of(cls, config: TrainConfig) -> dict[str, Any]:
        """The encoder by name, and D."""
        # Learned at once or layer by layer, it is the same network.
        name = config.of(PooledSettings).encoder.removesuffix("_joint")
        return {"encoder": name, "--dimension": config.dimension}

    @property
    def has_classifier(self) -> bool:
        """A preset that names the term itself, as clsnet does, weighs it itself."""
        return "classification" in self.terms

    @property
    def dimension(self) -> int:
        """D."""
        return self._dimension

    def _views(self, batch: Batch) -> dict[str, Index]:
        views: dict[str, Index] = {}
        for term in self.terms.values():
            assert isinstance(term, Term)  # noqa: S101 - for the type checker
            views |= term.views(batch)
        return views

    def frames_of(self, batch: Batch) -> Index:
        """The views of all terms, each once."""
        return np.concatenate(list(self._views(batch).values()))

    def losses(
        self, frames: Tensor, batch: Batch, data: TrainingSet, config: TrainConfig
    ) -> dict[str, Tensor]:
        """Each term times its weight."""
        views = self._views(batch)
        parts = torch.split(self.embed(frames), [len(index) for index in views.values()])
        z = dict(zip(views, parts, strict=True))
        weights = config.of(PooledSettings).terms
        found = {}
        for name, term in self.terms.items():
            assert isinstance(term, Term)  # noqa: S101 - for the type checker
            found[name] = weights[name] * term.loss(z, batch, data, config)
        return found

    def transforms(self, data: TrainingSet) -> dict[str, nn.Module]:
        """The maps that the terms have learned."""
        found: dict[str, nn.Module] = {}
        for term in self.terms.values() if self._trains else ():
            assert isinstance(term, Term)  # noqa: S101 - for the type checker
            found |= term.transforms(data)
        return found
