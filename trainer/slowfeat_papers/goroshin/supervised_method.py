"""The supervised ConvNet as a method of the trainer (Goroshin et al. 2015,
section 5: four layers, labels).
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from slowfeat_trainer.config.train_config import TrainConfig
from slowfeat_trainer.data.pairs import Index
from slowfeat_trainer.methods import Method
from slowfeat_trainer.methods.training_set import Batch, TrainingSet
from slowfeat_trainer.models.convnet import initialise
from slowfeat_trainer.models.registry import build_encoder
from slowfeat_trainer.objectives import classification

# Units of the third layer; not published.
HIDDEN = 256


class SupervisedNet(Method):
    """The two layers of goroshin_2, both learning, and two fully connected ones;
    cross-entropy of the classes.
    """

    def __init__(self, data: TrainingSet, config: TrainConfig) -> None:
        """
        Args:
            data: labelled images (N, 32, 32, 3).
            config: settings.
        """
        super().__init__()
        torch.manual_seed(config.seed)
        assert data.labels is not None  # noqa: S101 - for the type checker
        frames = data.part.frames
        self.encoder = build_encoder("goroshin_2_joint", frames, (frames.shape[1], frames.shape[2]))
        self.head = nn.Sequential(
            nn.Linear(1024, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, len(data.labels.names))
        )
        initialise(self.head)

    @property
    def dimension(self) -> int:
        """1024."""
        return 1024

    @property
    def first(self) -> nn.Module:
        """Layer 1, (N, H, W, 3) -> (N, 4096)."""
        layer: nn.Module = self.encoder.inputs.first  # type: ignore[union-attr, assignment]
        return layer

    def frames_of(self, batch: Batch) -> Index:
        """Labelled images, as many of each class."""
        return batch.labelled[0]

    def losses(
        self, frames: Tensor, batch: Batch, data: TrainingSet, config: TrainConfig
    ) -> dict[str, Tensor]:
        """Cross-entropy."""
        del data, config
        classes = torch.from_numpy(batch.labelled[1]).to(frames.device)
        return {"classification": classification(self.scores(frames), classes)}

    def scores(self, frames: Tensor) -> Tensor:
        """uint8 (N, H, W, 3) -> (N, classes)."""
        scores: Tensor = self.head(self.encoder(frames))
        return scores

    @torch.no_grad()
    def classify(self, frames: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> Index:
        """The class (N,) of images (N, H, W, 3)."""
        found = [
            self.scores(torch.from_numpy(frames[i : i + 128])).argmax(dim=1).numpy()
            for i in range(0, len(frames), 128)
        ]
        return np.concatenate(found)

    def transforms(self, data: TrainingSet) -> dict[str, nn.Module]:
        """None."""
        del data
        return {}
