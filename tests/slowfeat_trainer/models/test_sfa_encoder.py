"""Slow features of frames."""

from __future__ import annotations

import numpy as np
import torch

from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.models.sfa_encoder import SfaEncoder


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    return abs(float(np.corrcoef(a, b)[0, 1]))


def test_an_encoder_of_frames_tells_where_a_bar_stands_by_its_slow_features() -> None:
    time = np.arange(600)
    place = 16 + 10 * np.sin(0.02 * time)
    light = 60 * np.cos(1.9 * time)[:, None, None]
    bar = 120 * np.exp(-(((np.arange(32) - place[:, None]) / 4) ** 2))[:, None, :]
    grey = np.clip(100 + light + bar + np.zeros((600, 32, 32)), 0, 255)
    frames = FrameStack([np.repeat(grey[..., None], 3, axis=3).astype(np.uint8)])
    encoder = SfaEncoder.fitted_to(frames, 3, components=5)
    with torch.no_grad():
        z = encoder(torch.from_numpy(frames[:])).double().numpy()
    assert correlation(z[:, 0], place) > 0.95
    np.testing.assert_allclose(z.var(axis=0), 1, atol=0.01)
