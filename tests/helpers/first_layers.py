"""A first layer of the convolutional auto-encoder."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.models.convnet import Normalise
from slowfeat_trainer.models.goroshin_conv import GoroshinFirst
from slowfeat_trainer.models.input_stage import InputStage

SIZE = (32, 32)
FRAMES = FrameStack([np.random.default_rng(8).integers(0, 256, (6, *SIZE, 3), dtype=np.uint8)])
NORMALISE = Normalise.fitted_to(FRAMES)


@pytest.fixture
def first() -> GoroshinFirst:
    torch.manual_seed(0)
    return GoroshinFirst(InputStage(NORMALISE, SIZE, SIZE))
