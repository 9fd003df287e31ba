"""`slowfeat presets`: a line for each, or all settings of one."""

from __future__ import annotations

import pytest
import yaml

from slowfeat.errors import UsageError
from slowfeat_trainer.commands import presets
from slowfeat_trainer.config.preset_table import PRESETS
from tests.helpers.command_arguments import parsed


def test_each_preset_has_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert presets.run(parsed(presets)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(PRESETS)
    assert lines[0].endswith(next(iter(PRESETS.values())).about)


def test_one_is_shown_as_its_config_yaml(capsys: pytest.CaptureFixture[str]) -> None:
    presets.run(parsed(presets, "equiv_drlim"))
    settings = yaml.safe_load(capsys.readouterr().out)
    assert settings["preset"] == "equiv_drlim"
    assert set(settings["settings"]["terms"]) == {"equivariance", "drlim"}


def test_an_unknown_one_is_refused_by_name() -> None:
    with pytest.raises(UsageError, match="magic"):
        presets.run(parsed(presets, "magic"))
