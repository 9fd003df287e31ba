"""Settings of `slowfeat train` from a preset, from a file, and from flags."""

from __future__ import annotations

from pathlib import Path

import pytest

from slowfeat.errors import UsageError
from slowfeat_trainer.commands import train
from slowfeat_trainer.commands.train import configuration
from slowfeat_trainer.config.change_settings import setting_of
from slowfeat_trainer.config.train_config import config_of_preset, save_config
from slowfeat_trainer.data.options import SplitRule
from tests.helpers.command_arguments import parsed

FLAGS = ("bag", "--out", "run")


def test_flags_override_the_preset() -> None:
    words = ("--preset", "drlim", "--steps", "7", "--seed", "3", "--max-gap", "0.8")
    words += ("--size", "48x32", "--split", "bag", "--augment", "blur", "light")
    config = configuration(parsed(train, *FLAGS, *words))
    assert (config.preset, config.steps, config.seed, config.max_gap_s) == ("drlim", 7, 3, 0.8)
    assert (config.reading.image_size, config.split) == ((32, 48), SplitRule(by="bag"))
    assert tuple(config.augment) == ("blur", "light")
    # What no flag says is the preset's.
    assert config.batch_size == config_of_preset("drlim").batch_size


def test_flags_override_the_file(tmp_path: Path) -> None:
    file = tmp_path / "best.yaml"
    save_config(config_of_preset("drlim", steps=11, learning_rate=0.5, seed=8), file)
    config = configuration(parsed(train, *FLAGS, "--config", file, "--steps", "12"))
    assert (config.preset, config.steps) == ("drlim", 12)
    assert (config.learning_rate, config.seed) == (0.5, 8)


def test_words_for_the_starter_are_settings() -> None:
    assert setting_of(configuration(parsed(train, *FLAGS, "--from-scratch")), "starter") == "none"
    assert setting_of(configuration(parsed(train, *FLAGS, "--only-my-bags")), "rehearsal") == 0.0
    usual = configuration(parsed(train, *FLAGS))
    assert usual == config_of_preset("slowfeat")
    assert setting_of(usual, "rehearsal") > 0


def test_a_file_names_its_preset(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--config or --preset, not both"):
        configuration(parsed(train, *FLAGS, "--config", tmp_path / "a", "--preset", "drlim"))


def test_a_starter_and_none_exclude_each_other() -> None:
    with pytest.raises(UsageError, match="not allowed with"):
        parsed(train, *FLAGS, "--starter", "file", "--from-scratch")


def test_set_overrides_flags_and_file_and_reaches_what_has_no_flag(tmp_path: Path) -> None:
    words = ("--set", "turn_noise_deg=1", "--set", "steps=5", "--steps", "7")
    config = configuration(parsed(train, *FLAGS, *words))
    assert (setting_of(config, "turn_noise_deg"), config.steps) == (1.0, 5)
    file = tmp_path / "run.yaml"
    save_config(config_of_preset("drlim"), file)
    config = configuration(parsed(train, *FLAGS, "--config", file, "--set", "terms.drlim=0.5"))
    assert setting_of(config, "terms") == {"drlim": 0.5}


def test_set_is_held_to_the_bounds_of_the_setting() -> None:
    with pytest.raises(UsageError, match="turn_noise_deg is 99"):
        configuration(parsed(train, *FLAGS, "--set", "turn_noise_deg=99"))
    with pytest.raises(UsageError, match="did you mean turn_noise_deg"):
        configuration(parsed(train, *FLAGS, "--set", "turn_noise=1"))
