"""How long trainings took, by their logs."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from slowfeat_papers.jayaraman import clock
from slowfeat_papers.jayaraman.networks import NETWORKS
from slowfeat_papers.material.part import Bench


def test_trainings_are_added_up_by_their_logs(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    base = SimpleNamespace(setting="setting")
    for module in (clock.grid, clock.drives):
        monkeypatch.setattr(module, "prepare", lambda _: base)
    monkeypatch.setattr(clock, "scale_of_features", lambda *_: 2.0)
    monkeypatch.setattr(clock, "learn", lambda *words, **_: asked.append(words[1:3]))
    for name, steps, a_step in (("a", 100, 0.5), ("b", 300, 0.1)):
        folder = bench.common / NETWORKS / "grid" / name
        folder.mkdir(parents=True)
        line = {"step": steps, "data_s": 0.0, "update_s": a_step}
        (folder / "log.jsonl").write_text(json.dumps(line) + "\n")
    result = clock.run(bench)
    assert asked == [("setting", "equiv")] * 2
    (row,) = result.tables[0].rows
    # 50 s and 30 s of 400 steps in all: 200 ms a step.
    assert row == ["NORB-NORB", "grid", "2", "200", "40.0", "200", "1.3", "15"]
    assert "NORB-NORB 40 s a training (200 ms a step" in result.findings[0].says


def test_other_experiments_stand_with_their_seconds(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (clock.grid, clock.drives):
        monkeypatch.setattr(module, "prepare", lambda _: SimpleNamespace(setting=None))
    monkeypatch.setattr(clock, "scale_of_features", lambda *_: 2.0)
    monkeypatch.setattr(clock, "learn", lambda *_, **__: None)
    for name in (Path("driving"), Path(bench.folder.name)):
        (bench.folder.parent / name).mkdir(exist_ok=True)
        (bench.folder.parent / name / "result.json").write_text('{"seconds": 61.6}')
    tables = {table.title: table.rows for table in clock.run(bench).tables}
    # Its own time is not among them.
    assert tables["Experiments, with all that they measure"] == [["driving", "62"]]
