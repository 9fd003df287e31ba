"""The guard of maps for spread, constant and hidden codes."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from slowfeat_trainer.objectives import map_spread

RNG = np.random.default_rng(0)


def test_the_map_guard_tells_a_spread_map_from_a_constant_and_from_a_hidden_global_code() -> None:
    maps = torch.tensor(RNG.normal(size=(200, 3, 4, 8)))
    variance, covariance, rows = (float(t) for t in map_spread(maps))
    assert max(variance, rows) < 0.1
    assert covariance < 0.05
    constant = [float(t) for t in map_spread(torch.ones(200, 3, 4, 8))]
    assert constant == pytest.approx([1.0, 0.0, 1.0], abs=0.02)
    hidden = maps[:, :, :1, :1].expand(200, 3, 4, 8)
    variance, _, rows = (float(t) for t in map_spread(hidden))
    assert variance < 0.1
    assert rows > 0.9
    copied = maps[:, :1].expand(200, 3, 4, 8)
    assert float(map_spread(copied)[1]) > 1
    with pytest.raises(ValueError, match="must"):
        map_spread(torch.zeros(4, 3))
