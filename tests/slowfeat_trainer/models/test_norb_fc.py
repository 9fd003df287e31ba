"""The network for NORB against its two layers in numpy."""

from __future__ import annotations

import numpy as np
import torch

from slowfeat_trainer.models.convnet import Normalise
from slowfeat_trainer.models.norb_fc import NorbFc


def test_it_is_two_layers_on_the_grey_picture_with_relu_between_them_only() -> None:
    torch.manual_seed(0)
    mean, std = np.array([90.0, 100.0, 110.0]), np.array([30.0, 40.0, 50.0])
    network = NorbFc(Normalise(mean, std), (6, 8))
    frames = np.random.default_rng(0).integers(0, 256, (5, 6, 8, 3), dtype=np.uint8)
    w1, b1, w2, b2 = (p.detach().double().numpy() for p in network.parameters())
    assert (w1.shape, w2.shape) == ((20, 48), (100, 20))
    grey = ((frames - mean) / std) @ [0.299, 0.587, 0.114]
    expected = np.maximum(0, grey.reshape(5, 48) @ w1.T + b1) @ w2.T + b2
    with torch.no_grad():
        np.testing.assert_allclose(network(torch.from_numpy(frames)), expected, atol=1e-5)
    assert expected.min() < 0 < expected.max()
