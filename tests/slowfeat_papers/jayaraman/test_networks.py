"""Networks are trained once, and by the settings of the paper."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from slowfeat_papers.jayaraman import networks
from slowfeat_papers.jayaraman.networks import (
    learn,
    scale_of_features,
    seconds_of,
)
from slowfeat_trainer.config.method_settings import PooledSettings
from slowfeat_trainer.config.train_config import config_of_preset


def test_a_network_is_trained_once_and_then_loaded(bench, setting, monkeypatch):
    first = learn(bench, setting, "equiv", 0)
    monkeypatch.setattr(torch.Tensor, "backward", None)
    again = learn(bench, setting, "equiv", 0)
    np.testing.assert_array_equal(
        first.embed(setting.part.frames), again.embed(setting.part.frames)
    )
    assert first.predict is not None
    with pytest.raises(TypeError):
        learn(bench, setting, "equiv", 1)


def test_the_unit_of_margins_is_a_distance_of_frames(bench, setting):
    l2, l1 = (scale_of_features(bench, setting, 0, name) for name in ("drlim", "temporal"))
    assert l2 < l1 < l2 * np.sqrt(10)


def test_seconds_of_a_training_that_was_continued(tmp_path):
    lines = [{"step": s, "data_s": 0.1, "update_s": 0.4} for s in (20, 40, 50)]
    (tmp_path / "log.jsonl").write_text("".join(json.dumps(x) + "\n" for x in lines))
    assert seconds_of(tmp_path) == pytest.approx(25.0)
    assert seconds_of(tmp_path / "none") == 0.0


def test_the_preset_keeps_its_own_optimiser_where_the_paper_has_no_such_method(setting):
    setting.settings.update(networks.PAPERS_OPTIMISATION)
    assert networks.configuration(setting, "equiv", 0, False).optimiser == "sgd"
    assert networks.configuration(setting, "lie", 0, False).optimiser == "adamw"
    own = config_of_preset("lie").of(PooledSettings).encoder
    assert networks.configuration(setting, "lie", 0, False).of(PooledSettings).encoder == own
