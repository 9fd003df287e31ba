"""Which backbone `slowfeat train` takes where nobody says it."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from slowfeat.errors import UsageError
from slowfeat_trainer.commands import train
from slowfeat_trainer.commands.backbone_flag import with_backbone
from slowfeat_trainer.config import backbone_spec
from slowfeat_trainer.config.backbone_spec import PRETRAINED, SMALL, USUAL_SIZE
from slowfeat_trainer.config.change_settings import has_setting, setting_of
from slowfeat_trainer.config.train_config import TrainConfig, config_of_preset, save_config


def chosen(tmp_path: Path, *flags: str) -> TrainConfig:
    parser = argparse.ArgumentParser()
    train.add_arguments(parser)
    args = parser.parse_args(["bag", "--out", str(tmp_path / "run"), *flags])
    return with_backbone(train.configuration(args), args, [Path("bag")])


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backbone_spec, "is_installed", lambda: True)


def test_the_pretrained_one_where_its_extra_is_installed(tmp_path: Path, installed: None) -> None:
    config = chosen(tmp_path)
    assert (setting_of(config, "backbone"), config.reading.image_size) == (PRETRAINED, USUAL_SIZE)
    assert chosen(tmp_path, "--size", "96x48").reading.image_size == (48, 96)
    small = chosen(tmp_path, "--backbone", "small")
    assert (setting_of(small, "backbone"), small.reading.image_size) == (SMALL, (64, 64))


def test_small_where_it_is_not_or_where_nothing_is_trained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backbone_spec, "is_installed", lambda: False)
    assert setting_of(chosen(tmp_path), "backbone") == SMALL
    monkeypatch.setattr(backbone_spec, "is_installed", lambda: True)
    assert setting_of(chosen(tmp_path, "--steps", "0"), "backbone") == SMALL


def test_a_run_that_is_continued_keeps_its_own(tmp_path: Path, installed: None) -> None:
    (tmp_path / "run").mkdir()
    save_config(config_of_preset("slowfeat"), tmp_path / "run" / "config.yaml")
    config = chosen(tmp_path)
    assert (setting_of(config, "backbone"), config.reading.image_size) == (SMALL, (64, 64))
    assert setting_of(chosen(tmp_path, "--overwrite"), "backbone") == PRETRAINED


def test_other_presets_have_networks_of_their_own(tmp_path: Path, installed: None) -> None:
    assert not has_setting(chosen(tmp_path, "--preset", "drlim"), "backbone")
    with pytest.raises(UsageError, match="preset slowfeat"):
        chosen(tmp_path, "--preset", "drlim", "--backbone", "efficientnet-lite0")
