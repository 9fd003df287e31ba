"""AlexNet has the layers of its paper."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.models.registry import build_encoder
from slowfeat_trainer.models.sfa_encoder import SfaEncoder

SIZE = (40, 56)
RNG = np.random.default_rng(7)
FRAMES = FrameStack([RNG.integers(0, 256, (60, *SIZE, 3), dtype=np.uint8)])


def built(name: str) -> nn.Module:
    torch.manual_seed(0)
    if name == "sfa":
        return SfaEncoder.fitted_to(FRAMES, 4, components=4)
    return build_encoder(name, FRAMES, SIZE)


def test_alexnet_has_the_layers_of_its_paper() -> None:
    encoder = built("alexnet").eval()
    assert sum(p.numel() for p in encoder.parameters()) == pytest.approx(57e6, rel=0.01)
    with torch.no_grad():
        assert encoder(torch.from_numpy(FRAMES[:1])).shape == (1, 4096)
