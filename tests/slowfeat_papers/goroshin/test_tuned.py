"""Temporal coherence of an encoder, and settings in words."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from slowfeat_papers.goroshin.tuned import asked, words
from slowfeat_papers.material.learning import still_part


class Constant(nn.Module):
    """One code for all."""

    def forward(self, frames: Tensor) -> Tensor:
        return torch.ones(len(frames), 4)


class Grey(nn.Module):
    """A direction for each of four grey levels."""

    def forward(self, frames: Tensor) -> Tensor:
        level = (frames.float().mean(dim=(1, 2, 3)) / 64).long()
        return nn.functional.one_hot(level, 4).float()


def test_a_constant_gets_chance_and_a_code_of_scenes_gets_everything() -> None:
    grey = np.repeat([10, 80, 150, 220], 10)
    frames = np.broadcast_to(grey[:, None, None, None], (40, 8, 8, 3)).astype(np.uint8)
    part = still_part(frames, np.zeros(40, np.int64))
    area, chance = asked(Constant(), part)
    assert area == pytest.approx(chance)
    assert asked(Grey(), part)[0] == pytest.approx(1.0)


def test_settings_are_said_with_three_digits() -> None:
    assert words({"learning_rate": 0.00123456, "margin": 2.0}) == "learning_rate 0.00123, margin 2"
