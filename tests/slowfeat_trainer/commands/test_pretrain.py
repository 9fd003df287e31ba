"""What `slowfeat pretrain` asks of the work."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from slowfeat.errors import UsageError
from slowfeat_trainer.commands import pretrain
from slowfeat_trainer.evaluation.metric_table import Metrics
from slowfeat_trainer.pretraining import pretrain_starter
from slowfeat_trainer.pretraining.pretrain_starter import Recipe
from tests.helpers.command_arguments import parsed


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    found: list[Any] = []

    def work(*given: object) -> object:
        found.append(given)
        row = Metrics(
            rho=0.5,
            rho_composite=0.6,
            r2=0.7,
            motion_gain=0.4,
            mrr=0.8,
            mrr_spread=0.01,
            hit_at_1=0.9,
        )
        return SimpleNamespace(pairs=321, rows={"bundle's map": row})

    monkeypatch.setattr(pretrain_starter, "pretrain", work)
    return found


def test_flags_become_the_recipe(calls: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--out", "w/own.safetensors", "--maps", "8", "--drives", "2", "--seconds", "30")
    words += ("--steps", "9", "--batch-size", "5", "--seed", "4")
    assert pretrain.run(parsed(pretrain, *words)) == 0
    out = Path("w/own.safetensors")
    assert calls == [(Recipe(8, 2, 30.0, 9, 5, 4), Path("w/own.work"), out)]
    assert "321 pairs 0.5 s apart" in capsys.readouterr().out
    pretrain.run(parsed(pretrain, "--out", out, "--work", "elsewhere"))
    assert calls[-1][1] == Path("elsewhere")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--out", "own.pt"), "ends with .safetensors"),
        (("--out", "a.safetensors", "--maps", "0"), "--maps is 0"),
        (("--out", "a.safetensors", "--steps", "-2"), "--steps is -2"),
    ],
)
def test_wrong_use_is_refused_by_the_flag(
    words: tuple[str, ...], says: str, calls: list[Any]
) -> None:
    with pytest.raises(UsageError, match=says):
        pretrain.run(parsed(pretrain, *words))
    assert calls == []
