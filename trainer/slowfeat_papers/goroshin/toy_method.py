"""DrLIM on a grid of views: neighbours are views one step apart
(Goroshin et al. 2015, section 3).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from slowfeat_trainer.config.method_settings import PooledSettings
from slowfeat_trainer.config.train_config import TrainConfig
from slowfeat_trainer.data.pairs import Index
from slowfeat_trainer.methods import Method
from slowfeat_trainer.methods.training_set import Batch, TrainingSet
from slowfeat_trainer.models.convnet import Normalise
from slowfeat_trainer.models.toy_manifold import ToyManifold
from slowfeat_trainer.objectives import drlim

# The group of draws of a batch that are ours; the others are those of training_set.Batch.
DRAWS = 10


class ToyMethod(Method):
    """ToyManifold by eq. 1.

    A view's neighbours are those one step away in one of the two angles, as a turning object shows
    them one after the other. Every other view of the batch is a negative.
    """

    def __init__(
        self, data: TrainingSet, config: TrainConfig, place: npt.NDArray[np.int64], hidden: int
    ) -> None:
        """
        Args:
            data: the views that are learned from.
            config: `batch_size` anchors with a neighbour each, `drlim_margin`.
            place: (N, 2) of each view on the grid, in steps.
            hidden: width of the hidden layer.
        """
        super().__init__()
        torch.manual_seed(config.seed)
        frames = data.part.frames
        size = (frames.shape[1], frames.shape[2])
        self.encoder: nn.Module = ToyManifold(Normalise.fitted_to(frames), size, hidden=hidden)
        self._place, self._count = place, config.batch_size
        self._edges = neighbours(place)

    @property
    def dimension(self) -> int:
        """2."""
        return 2

    def frames_of(self, batch: Batch) -> Index:
        """Views, a neighbour of each, and as many views of anywhere."""
        drawn = batch.generator(DRAWS)
        edges = self._edges[drawn.integers(0, len(self._edges), self._count)]
        others = drawn.integers(0, len(self._place), self._count)
        return np.concatenate([edges[:, 0], edges[:, 1], others])

    def losses(
        self, frames: Tensor, batch: Batch, data: TrainingSet, config: TrainConfig
    ) -> dict[str, Tensor]:
        """Eq. 1 with p = 2."""
        del data
        z, near, other = self.encoder(frames).chunk(3)
        index = self.frames_of(batch)
        here, there = self._place[index[: self._count]], self._place[index[2 * self._count :]]
        far_place = np.concatenate([here, there])
        is_far = np.abs(here[:, None] - far_place[None]).sum(axis=-1) > 1
        far = torch.cat([z, other])
        mask = torch.from_numpy(is_far).to(far.device)
        return {"drlim": drlim(z, near, far, mask, config.of(PooledSettings).drlim_margin)}

    def transforms(self, data: TrainingSet) -> dict[str, nn.Module]:
        """None."""
        del data
        return {}


def neighbours(place: npt.NDArray[np.int64]) -> Index:
    """Ordered pairs (E, 2) of views that are one step apart on the grid; places (N, 2) in steps."""
    number = {(int(a), int(b)): i for i, (a, b) in enumerate(place)}
    found = [
        (i, number[step])
        for (a, b), i in number.items()
        for step in ((a + 1, b), (a - 1, b), (a, b + 1), (a, b - 1))
        if step in number
    ]
    return np.array(found, dtype=np.int64).reshape(-1, 2)
