"""Frames of noise, and an encoder for them."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.models.convnet import Normalise
from slowfeat_trainer.models.registry import build_encoder
from slowfeat_trainer.models.sfa_encoder import SfaEncoder

SIZE = (40, 56)
RNG = np.random.default_rng(7)
FRAMES = FrameStack([RNG.integers(0, 256, (60, *SIZE, 3), dtype=np.uint8)])
NORMALISE = Normalise.fitted_to(FRAMES)


def built(name: str) -> nn.Module:
    torch.manual_seed(0)
    if name == "sfa":
        return SfaEncoder.fitted_to(FRAMES, 4, components=4)
    return build_encoder(name, FRAMES, SIZE)
