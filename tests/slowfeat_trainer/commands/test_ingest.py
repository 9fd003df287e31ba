"""What `slowfeat ingest` asks of ingest."""

from __future__ import annotations

import contextlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from slowfeat.errors import UsageError
from slowfeat_trainer.commands import ingest
from slowfeat_trainer.data.options import IngestOptions, SplitRule
from tests.helpers.command_arguments import parsed


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    found: dict[str, Any] = {}

    def work(bags: object, out: object, options: object, engine: object, **more: object) -> object:
        found.update(bags=bags, out=out, options=options, engine=engine, **more)
        entries = [SimpleNamespace(pairs=30), SimpleNamespace(pairs=12)]
        return SimpleNamespace(entries=entries, frames=100)

    def engine(*given: object) -> contextlib.nullcontext[object]:
        return contextlib.nullcontext(given)

    monkeypatch.setattr("slowfeat_trainer.ingest.ingest_bags.ingest", work)
    monkeypatch.setattr("slowfeat_trainer.ingest.engines.open_engine", engine)
    monkeypatch.setattr("slowfeat_trainer.bags.expand", lambda paths: [Path(p) for p in paths])
    return found


def test_flags_reach_ingest(calls: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    words = ("a", "b", "--out", "data", "--size", "48x32", "--rate", "5", "--split", "bag")
    words += ("--test-fraction", "0.5", "--min-pairs", "7", "--skip-unusable", "--workers", "3")
    assert ingest.run(parsed(ingest, *words)) == 0
    assert calls == {
        "bags": [Path("a"), Path("b")],
        "out": Path("data"),
        "options": IngestOptions(image_size=(32, 48), rate_hz=5.0),
        "engine": ("threads", 3),
        "split": SplitRule(by="bag", test=0.5),
        "min_pairs": 7,
        "skip_unusable": True,
    }
    assert "data: 100 frames and 42 pairs of 2 bags" in capsys.readouterr().out


def test_without_flags_everything_is_as_usual(calls: dict[str, Any]) -> None:
    ingest.run(parsed(ingest, "a", "--out", "data"))
    assert (calls["options"], calls["split"]) == (IngestOptions(), SplitRule())
    assert (calls["engine"], calls["skip_unusable"]) == (("threads", None), False)


@pytest.mark.parametrize("words", [("a",), ("--out", "data"), ("a", "--out", "d", "--engine", "x")])
def test_wrong_use_is_refused(words: tuple[str, ...]) -> None:
    with pytest.raises(UsageError):
        parsed(ingest, *words)
