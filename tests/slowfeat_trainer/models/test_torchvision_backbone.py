"""Networks of torchvision as encoders."""

from __future__ import annotations

import pytest
import torch

from slowfeat_trainer.models.torchvision_backbone import torchvision_backbone
from tests.helpers.noise_frames import FRAMES, NORMALISE, built


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
