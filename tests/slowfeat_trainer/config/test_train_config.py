"""Settings are saved whole and read back, those of older runs by their former names too."""

from __future__ import annotations

from pathlib import Path

import pytest

from slowfeat.errors import UsageError
from slowfeat_trainer.config.train_config import config_of_preset, load_config, save_config


def test_what_is_saved_is_read(tmp_path: Path) -> None:
    config = config_of_preset("slowfeat", ablate=["ratio"], max_epochs=3.0)
    save_config(config, tmp_path / "config.yaml")
    assert load_config(tmp_path / "config.yaml") == config


def test_settings_of_older_runs_have_other_names(tmp_path: Path) -> None:
    config = config_of_preset("slowfeat", ablate=["ratio"], max_epochs=3.0)
    save_config(config, tmp_path / "config.yaml")
    text = (tmp_path / "config.yaml").read_text(encoding="utf-8")
    older = {
        "ablate": "without",
        "max_epochs": "most_draws",
        "random_camera_rotation": "shake",
    }
    for now, then in older.items():
        assert f"\n{now}:" in text
        text = text.replace(f"\n{now}:", f"\n{then}:")
    (tmp_path / "older.yaml").write_text(text, encoding="utf-8")
    assert load_config(tmp_path / "older.yaml") == config


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
