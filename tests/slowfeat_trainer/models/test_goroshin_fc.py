"""The fully connected model: patches of 20x20, pools of four, and overlapping ones where wanted."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from slowfeat_trainer.models.convnet import Normalise
from slowfeat_trainer.models.goroshin_fc import GoroshinFc

NORMALISE = Normalise([127.5] * 3, [50.0] * 3)


@pytest.mark.parametrize(("stride", "units"), [(4, 512), (2, 258), (1, 131)])
def test_128_pools_of_four_need_as_many_units_as_they_overlap(stride: int, units: int) -> None:
    model = GoroshinFc(NORMALISE, (32, 32), stride=stride)
    code = model.code(torch.zeros(1, 32, 32, 3, dtype=torch.uint8))
    assert code.h.shape == (1, units)
    assert code.z.shape == (1, 128)
    assert code.x.shape == code.reconstruction.shape == (1, 400)
    assert float(code.h.detach().min()) >= 0


def test_the_code_is_that_of_weights_in_numpy() -> None:
    torch.manual_seed(0)
    model = GoroshinFc(NORMALISE, (20, 20), dimension=6)
    frames = np.random.default_rng(0).integers(0, 256, (2, 20, 20, 3), dtype=np.uint8)
    grey = ((frames - 127.5) / 50) @ [0.299, 0.587, 0.114]
    w, b = (p.detach().numpy() for p in (model.encoder.weight, model.encoder.bias))
    h = np.maximum(0, grey.reshape(2, 400) @ w.T + b)
    z = np.sqrt((h.reshape(2, 6, 4) ** 2).sum(axis=2))
    with torch.no_grad():
        np.testing.assert_allclose(model(torch.from_numpy(frames)), z, rtol=1e-4, atol=1e-5)
