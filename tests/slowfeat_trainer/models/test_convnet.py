"""The small network, and the normalisation that every encoder begins with."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.data.shrink import Shrink
from slowfeat_trainer.models import convnet
from slowfeat_trainer.models.convnet import Cropped, Normalise, SmallConvNet


def test_the_network_does_not_depend_on_the_batch() -> None:
    frames = np.random.default_rng(0).integers(0, 256, (4, 32, 48, 3), dtype=np.uint8)
    torch.manual_seed(0)
    net = SmallConvNet(Normalise.fitted_to(frames), (32, 48), 8)
    together = net(torch.from_numpy(frames))
    alone = torch.cat([net(torch.from_numpy(frames[k : k + 1])) for k in range(4)])
    torch.testing.assert_close(together, alone)


def test_normalise_takes_off_the_mean_and_divides_by_the_deviation_of_each_channel() -> None:
    frames = np.array([[[[110, 50, 7]], [[130, 50, 255]]]], dtype=np.uint8)
    normalise = Normalise([100.0, 60.0, 7.0], [10.0, 20.0, 1.0])
    got = normalise(torch.from_numpy(frames))
    assert got.shape == (1, 3, 2, 1)
    assert got[0, :, :, 0].tolist() == [[1.0, 3.0], [-0.5, -0.5], [0.0, 248.0]]


def test_training_frames_come_out_with_mean_0_and_deviation_1_in_each_channel() -> None:
    rng = np.random.default_rng(0)
    levels, spread = np.array([60, 120, 180]), np.array([10, 20, 30])
    frames = np.clip(levels + spread * rng.normal(size=(9, 16, 16, 3)), 0, 255).astype(np.uint8)
    got = Normalise.fitted_to(FrameStack([frames]))(torch.from_numpy(frames))
    torch.testing.assert_close(got.mean(dim=(0, 2, 3)), torch.zeros(3), atol=1e-4, rtol=0)
    torch.testing.assert_close(got.std(dim=(0, 2, 3)), torch.ones(3), atol=1e-3, rtol=0)


def test_a_channel_without_any_spread_is_not_blown_up() -> None:
    frames = np.full((4, 8, 8, 3), 77, dtype=np.uint8)
    normalise = Normalise.fitted_to(FrameStack([frames]))
    assert float(normalise(torch.from_numpy(frames + 1)).max()) == pytest.approx(1.0)


def test_frames_are_embedded_a_batch_at_a_time_in_their_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sizes = []

    class Sums(nn.Module):
        def forward(self, image: Tensor) -> Tensor:
            sizes.append(len(image))
            return image.float().sum(dim=(1, 2))

    monkeypatch.setattr(convnet, "EMBED_BATCH", 4)
    frames = np.random.default_rng(0).integers(0, 256, (10, 3, 5, 3), dtype=np.uint8)
    got = convnet.embed_frames(Sums(), FrameStack([frames]))
    np.testing.assert_array_equal(got, frames.sum(axis=(1, 2)))
    assert sizes == [4, 4, 2]


def test_a_network_behind_its_crop_sees_what_the_frames_show_of_the_whole_picture() -> None:
    shrink = Shrink((12, 20), crop=(0.25, 0.0, 0.0, 0.5))
    assert (shrink.whole, shrink.corner) == ((16, 40), (4, 20))
    picture = torch.randint(0, 256, (2, 16, 40, 3), dtype=torch.uint8)
    behind = Cropped.around(nn.Flatten(), shrink)
    assert torch.equal(behind(picture), picture[:, 4:16, 20:40].flatten(1))
    network = nn.Flatten()
    assert Cropped.around(network, Shrink((12, 20))) is network


def test_layers_start_by_glorot_with_zero_biases() -> None:
    torch.manual_seed(0)
    layer = nn.Linear(300, 200)
    convnet.initialise(layer)
    assert not layer.bias.detach().any()
    assert float(layer.weight.detach().abs().max()) == pytest.approx((6 / 500) ** 0.5, rel=0.01)
