"""The fully connected model of Goroshin et al. 2015, section 4.1 and fig. 2."""

from __future__ import annotations

from torch import nn

from slowfeat_trainer.models.autoencoder import PoolingAutoencoder
from slowfeat_trainer.models.convnet import Normalise
from slowfeat_trainer.models.input_stage import InputStage
from slowfeat_trainer.models.pooling import L2Pool

SIDE = 20
POOL = 4


class GoroshinFc(PoolingAutoencoder):
    """20x20 grey patches, 512 units in pools of 4, D = 128.

    The paper's patches are cut from large frames; give it such patches as frames, or it takes whole
    frames made small.
    """

    def __init__(
        self,
        normalise: Normalise,
        image_size: tuple[int, int],
        dimension: int = 128,
        stride: int = POOL,
    ) -> None:
        """
        Args:
            normalise: of the training frames.
            image_size: (H, W).
            dimension: D, the number of pools.
            stride: units from one pool to the next; below 4 the pools overlap.
        """
        units = (dimension - 1) * stride + POOL
        front = InputStage(normalise, image_size, (SIDE, SIDE), grey=True)
        super().__init__(
            nn.Sequential(front, nn.Flatten()),
            nn.Linear(SIDE * SIDE, units),
            nn.Linear(units, SIDE * SIDE, bias=False),
            L2Pool(units, POOL, stride),
        )
