"""Networks of torchvision as encoders."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.models.convnet import Normalise
from slowfeat_trainer.models.registry import build_encoder
from slowfeat_trainer.models.sfa_encoder import SfaEncoder
from slowfeat_trainer.models.torchvision_backbone import torchvision_backbone

SIZE = (40, 56)
RNG = np.random.default_rng(7)
FRAMES = FrameStack([RNG.integers(0, 256, (60, *SIZE, 3), dtype=np.uint8)])
NORMALISE = Normalise.fitted_to(FRAMES)


def built(name: str) -> nn.Module:
    torch.manual_seed(0)
    if name == "sfa":
        return SfaEncoder.fitted_to(FRAMES, 4, components=4)
    return build_encoder(name, FRAMES, SIZE)


def test_a_backbone_with_batch_statistics_sees_frames_on_their_own_in_eval() -> None:
    backbone = built("resnet18")
    frames = torch.from_numpy(FRAMES[:4])
    with torch.no_grad():
        assert not torch.allclose(backbone(frames)[:2], backbone(frames[:2]), atol=1e-3)
        backbone.eval()
        torch.testing.assert_close(backbone(frames)[:2], backbone(frames[:2]), rtol=1e-4, atol=1e-5)


def test_frames_too_small_for_a_backbone_are_refused_before_training() -> None:
    with pytest.raises(ValueError, match="alexnet cannot take frames of 20x16 pixels"):
        torchvision_backbone("alexnet", NORMALISE, (16, 20), 8)
