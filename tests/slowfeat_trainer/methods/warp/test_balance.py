"""Balanced channels have one spread, and predictions are what they were, channel by channel."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from slowfeat_trainer.geometry.camera_geometry import CameraGeometry
from slowfeat_trainer.methods.warp.balance import LEAST, balance_channels, spread_of_channels
from slowfeat_trainer.models.warp_transform import WarpTransform

SHAPE = (3, 4, 8)


def made() -> tuple[nn.Conv2d, WarpTransform, torch.Tensor]:
    torch.manual_seed(0)
    warp = WarpTransform(CameraGeometry((1.0, 1.0), None), SHAPE, np.ones((1, 6)))
    for parameter in warp.parameters():
        parameter.data += 0.1 * torch.randn_like(parameter)
    head = nn.Conv2d(5, 3, 1)
    head.weight.data *= torch.tensor([1.0, 20.0, 0.3])[:, None, None, None]
    return head, warp, torch.randn(40, 5, 4, 8)


def test_every_channel_has_the_same_spread_and_predictions_are_what_they_were() -> None:
    head, warp, features = made()
    motion = 0.2 * torch.randn(40, 6)
    with torch.no_grad():
        before = head(features)
        spread = spread_of_channels(before)
        moved = warp.move_map((before * warp.window).flatten(1), motion).view(-1, *SHAPE)
        balance_channels(head, warp, spread)
        after = head(features)
        moved_after = warp.move_map((after * warp.window).flatten(1), motion).view(-1, *SHAPE)
    torch.testing.assert_close(spread_of_channels(after), torch.ones(3))
    torch.testing.assert_close(moved_after * spread[:, None, None], moved, rtol=1e-3, atol=1e-4)


def test_a_channel_of_noise_is_not_blown_up() -> None:
    head, warp, features = made()
    with torch.no_grad():
        head.weight[2] *= 1e-6
        head.bias[2] = 0
        spread = spread_of_channels(head(features))
        balance_channels(head, warp, spread)
        after = spread_of_channels(head(features))
    assert float(after[2]) < 1e-3 / LEAST
    assert float(after[0]) > 0.9
