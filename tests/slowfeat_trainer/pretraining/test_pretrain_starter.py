"""`slowfeat pretrain`: from drives to weights that a training starts
from, and on again after a stop.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from slowfeat.cli import main
from slowfeat_trainer.methods.starter_weights import load_starter
from slowfeat_trainer.pretraining import pretrain_starter as pretrain
from slowfeat_trainer.pretraining import simulated_drives as drives
from slowfeat_trainer.pretraining.simulated_drives import maps_to_learn

pytest.importorskip("vizdoom")


@pytest.mark.slow
def test_weights_come_out_and_a_second_call_does_nothing_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pretrain, "MAPS_KEPT_OUT", ("MAP05",))
    out = tmp_path / "own.safetensors"
    words = ["pretrain", "--out", str(out), "--maps", "1", "--seconds", "25", "--steps", "3"]
    words += ["--batch-size", "8"]
    assert main(words) == 0
    assert "bundle's map" in capsys.readouterr().out
    starter = load_starter(out)
    assert starter.made_of["recipe"]["maps"] == maps_to_learn(1)
    first = out.read_bytes()

    def never(*_: object, **__: object) -> None:
        raise AssertionError("recorded again")

    monkeypatch.setattr(drives, "simulate", never)
    out.unlink()
    assert main(words) == 0
    assert out.read_bytes() == first


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--out", "x.pt"], "ends with .safetensors"),
        (["--out", "x.safetensors", "--maps", "0"], "--maps is 0"),
    ],
)
def test_wrong_use_is_one_line(
    words: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["pretrain", *words]) == 2
    assert says in capsys.readouterr().err
