"""How long a training from the starter is, by the length of the bag."""

from __future__ import annotations

import pytest

from slowfeat_trainer.config.train_config import config_of_preset
from slowfeat_trainer.runs import bounded


def test_a_short_bag_gets_fewer_updates_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    config = config_of_preset("slowfeat", steps=600, batch_size=64)
    # 50 draws of each of 256 frames, 64 a step: the other 64 are rehearsed.
    assert bounded(config, 256).steps == 200
    assert "200 updates instead of 600" in capsys.readouterr().err
    alone = config_of_preset("slowfeat", steps=600, batch_size=64, rehearsal=0.0)
    assert bounded(alone, 256).steps == 100
    assert bounded(config, 10_000) == config


def test_only_where_there_is_a_starter_to_forget() -> None:
    scratch = config_of_preset("slowfeat", steps=600, starter="none")
    pooled = config_of_preset("drlim", steps=600)
    free = config_of_preset("slowfeat", steps=600, max_epochs=0.0)
    for config in (scratch, pooled, free):
        assert bounded(config, 100) == config
