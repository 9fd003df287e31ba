"""The dictionary of patches."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from slowfeat_papers.goroshin.fc_method import UNITS, FcDictionary
from slowfeat_papers.material.learning import still_part, still_set
from slowfeat_trainer.config.train_config import config_of_preset


def patches(seed: int = 0) -> np.ndarray:
    """(40, 20, 20, 3)."""
    return np.random.default_rng(seed).integers(0, 255, (40, 20, 20, 3), dtype=np.uint8)


def config(**settings: object):
    """Two updates of a small batch."""
    return config_of_preset("goroshin_1", **{"steps": 2, "batch_size": 8, **settings})


@pytest.mark.parametrize(("stride", "pools"), [(4, 128), (2, 255), (1, 509)])
def test_a_dictionary_has_512_units_whatever_its_pools(stride: int, pools: int) -> None:
    data = still_set(still_part(patches(), np.zeros(40, int)))
    method = FcDictionary(data, config(), stride)
    assert method.first.encoder.weight.shape == (UNITS, 400)
    assert method.dimension == pools
    assert method.encoder(torch.zeros(2, 20, 20, 3, dtype=torch.uint8)).shape == (2, pools)
