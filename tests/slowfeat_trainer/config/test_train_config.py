"""Settings are saved whole and read back, those of older runs by their former names too."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import yaml

from slowfeat.errors import UsageError
from slowfeat_trainer.config.method_settings import SETTINGS, WarpSettings
from slowfeat_trainer.config.train_config import (
    changes,
    config_of_preset,
    flat_settings,
    load_config,
    save_config,
)


def test_what_is_saved_is_read(tmp_path: Path) -> None:
    config = config_of_preset("slowfeat", ablate=["ratio"], max_epochs=3.0)
    save_config(config, tmp_path / "config.yaml")
    assert load_config(tmp_path / "config.yaml") == config


def test_settings_of_older_runs_have_other_names(tmp_path: Path) -> None:
    config = config_of_preset("slowfeat", ablate=["ratio"], max_epochs=3.0)
    older = {
        "ablate": "without",
        "max_epochs": "most_draws",
        "random_camera_rotation": "shake",
    }
    side_by_side = flat_settings(config)
    assert set(older) <= set(side_by_side)
    text = yaml.safe_dump({older.get(name, name): v for name, v in side_by_side.items()})
    (tmp_path / "older.yaml").write_text(text, encoding="utf-8")
    assert load_config(tmp_path / "older.yaml") == config


@pytest.mark.parametrize("preset", ["slowfeat", "drlim", "goroshin_2", "sfa"])
def test_older_runs_have_the_settings_of_all_methods_side_by_side(
    preset: str, tmp_path: Path
) -> None:
    config = config_of_preset(preset, dimension=16)
    others = {
        name: value
        for kind in SETTINGS.values()
        for name, value in dataclasses.asdict(kind()).items()
    }
    text = yaml.safe_dump({**others, **flat_settings(config)})
    (tmp_path / "older.yaml").write_text(text, encoding="utf-8")
    loaded = load_config(tmp_path / "older.yaml")
    assert loaded == config
    assert changes(loaded, config) == []


def test_a_change_of_a_methods_setting_is_named() -> None:
    before, after = (config_of_preset("slowfeat", slow_share=share) for share in (0.1, 0.2))
    assert changes(before, after) == ["slow_share 0.1 -> 0.2"]
    assert "map_rows 8 -> None" in changes(before, config_of_preset("drlim"))


def test_a_method_that_is_unknown_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("method: magic\n", encoding="utf-8")
    with pytest.raises(UsageError, match="'magic' is unknown; there are warp"):
        load_config(tmp_path / "config.yaml")


def test_settings_of_another_method_are_not_there() -> None:
    with pytest.raises(UsageError, match="drlim is of the method pooled"):
        config_of_preset("drlim").of(WarpSettings)


def test_a_setting_that_is_unknown_is_refused_by_name(tmp_path: Path) -> None:
    save_config(config_of_preset("slowfeat"), tmp_path / "config.yaml")
    with (tmp_path / "config.yaml").open("a", encoding="utf-8") as file:
        file.write("salt: 1\n")
    with pytest.raises(UsageError, match="salt"):
        load_config(tmp_path / "config.yaml")


def test_a_run_of_before_decoded_its_images_whole(tmp_path: Path) -> None:
    config = config_of_preset("slowfeat")
    assert config.reading.decoding == "scaled"
    save_config(config, tmp_path / "config.yaml")
    text = (tmp_path / "config.yaml").read_text(encoding="utf-8")
    (tmp_path / "older.yaml").write_text(text.replace("  decoding: scaled\n", ""), encoding="utf-8")
    assert load_config(tmp_path / "older.yaml").reading.decoding == "whole"
