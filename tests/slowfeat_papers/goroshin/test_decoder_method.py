"""The decoder that learns frames from pooled codes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from slowfeat_papers.goroshin.decoder_method import PooledDecoder


class Channels(nn.Module):
    """A layer of one weight: the mean of each channel in [0, 1], times it."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(()))

    def forward(self, frames: Tensor) -> Tensor:
        return frames.float().mean(dim=(1, 2)) / 255 * self.weight


@pytest.fixture
def frames() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (9, 4, 4, 3), dtype=np.uint8)


@pytest.fixture
def method(frames: np.ndarray) -> PooledDecoder:
    codes = frames.mean(axis=(1, 2), dtype=np.float32) / 255
    pictures = frames.reshape(9, -1).astype(np.float32) / 255
    return PooledDecoder(Channels(), codes, pictures, seed=0)  # type: ignore[arg-type]


def test_it_begins_at_the_mean_picture(method: PooledDecoder, frames: np.ndarray) -> None:
    mean = frames.reshape(9, -1).mean(axis=0) / 255
    decoded = method.decode(torch.randn(5, 3)).detach().numpy()
    np.testing.assert_allclose(decoded, np.tile(mean, (5, 1)), atol=1e-6)
    assert method.dimension == 3


def test_its_loss_is_the_error_of_the_pixels_and_leaves_the_layer_alone(
    method: PooledDecoder, frames: np.ndarray
) -> None:
    x = frames.reshape(9, -1) / 255
    loss = method.losses(torch.from_numpy(frames), None, None, None)["error"]  # type: ignore[arg-type]
    assert loss.item() == pytest.approx(((x - x.mean(axis=0)) ** 2).mean(), rel=1e-4)
    loss.backward()
    assert method.encoder.weight.grad is None
    assert any(p.grad is not None and p.grad.abs().max() > 0 for p in method.decoder.parameters())
