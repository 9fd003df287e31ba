"""slowfeat reproduce, its list and its page."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from slowfeat.errors import SlowfeatError, UsageError
from slowfeat_papers import command as reproduce
from slowfeat_papers.papers import PAPERS
from tests.helpers.counted_experiments import Counted, paper_of


def command(*words: str) -> argparse.Namespace:
    """The command's arguments."""
    parser = argparse.ArgumentParser()
    reproduce.add_arguments(parser)
    return parser.parse_args(words)


def test_the_list_names_every_row_with_its_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert reproduce.run(command("goroshin2015", "--list", "--out", str(tmp_path))) == 0
    said = capsys.readouterr().out
    assert "`slowfeat reproduce goroshin2015 --quick --only toy-manifold`" in said
    assert all(f"| G{k} |" in said for k in range(1, 27))
    assert not list(tmp_path.iterdir())


def test_data_that_are_not_there_are_told_before_any_work(tmp_path: Path) -> None:
    missing = tmp_path / "nothing.npz"
    with pytest.raises(UsageError, match=r"nothing\.npz does not exist"):
        reproduce.run(
            command("goroshin2015", "--out", str(tmp_path / "o"), "--cifar", str(missing))
        )
    assert not (tmp_path / "o").exists()


def test_the_command_writes_the_page_after_each_experiment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = Counted("A2", SlowfeatError("broken"))
    monkeypatch.setitem(PAPERS, "goroshin2015", paper_of(Counted("A1"), bad))
    page = tmp_path / "page.md"
    with pytest.raises(SlowfeatError, match="a2 failed"):
        reproduce.run(command("goroshin2015", "--out", str(tmp_path / "o"), "--page", str(page)))
    assert "run 1" in page.read_text()
    stored = json.loads(next((tmp_path / "o").rglob("result.json")).read_text())
    assert stored["findings"][0]["agrees"] is False
