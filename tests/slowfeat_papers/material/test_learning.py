"""Networks of experiments: trained once, continued, and trained anew for other settings or data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from slowfeat_papers.goroshin.fc_method import FcDictionary
from slowfeat_papers.material import learning
from slowfeat_papers.material.learning import still_part, still_set, trained
from slowfeat_trainer.config.train_config import config_of_preset


def patches(seed: int = 0) -> np.ndarray:
    """(40, 20, 20, 3)."""
    return np.random.default_rng(seed).integers(0, 255, (40, 20, 20, 3), dtype=np.uint8)


def config(**settings: object):
    """Two updates of a small batch."""
    return config_of_preset("goroshin_1", **{"steps": 2, "batch_size": 8, **settings})


def learn(folder: Path, frames: np.ndarray, **settings: object) -> FcDictionary:
    """Train a dictionary of patches in blocks of four."""
    data = still_set(still_part(frames, np.repeat(np.arange(10), 4)))
    method = FcDictionary(data, config(**settings))
    trained(data, config(**settings), folder, method)
    return method


def weights(method: FcDictionary) -> torch.Tensor:
    """Of the encoder."""
    return method.first.encoder.weight.detach().clone()


def test_training_is_done_once_and_loaded_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = learn(tmp_path / "run", patches())
    fresh = FcDictionary(still_set(still_part(patches(), np.zeros(40, int))), config())
    assert not torch.equal(weights(first), weights(fresh))
    monkeypatch.setattr(learning, "say", lambda text: pytest.fail(text))
    assert torch.equal(weights(learn(tmp_path / "run", patches())), weights(first))


def test_other_settings_and_other_data_are_trained_anew(tmp_path: Path) -> None:
    first = weights(learn(tmp_path / "run", patches()))
    other = weights(learn(tmp_path / "run", patches(), slowness=0.0))
    assert not torch.equal(first, other)
    assert not torch.equal(first, weights(learn(tmp_path / "run", patches(1))))
    assert torch.equal(first, weights(learn(tmp_path / "run", patches())))


def test_neighbours_stay_within_their_block() -> None:
    data = still_set(still_part(patches(), np.repeat(np.arange(10), 4)))
    assert len(data.starts) == 30
    assert not set(data.starts.tolist()) & set(range(3, 40, 4))
