"""What was measured is read back as it was, and foreign files are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.performance import store
from benchmarks.performance.figures import Goal
from slowfeat.errors import UsageError
from tests.benchmarks.performance.test_page import section


def test_sections_come_back_as_they_were(tmp_path: Path) -> None:
    sections = [section(), section(Goal("ours", "at most", 3.0))]
    store.save(tmp_path / "new" / "found.json", {"version": "1"}, sections)
    assert store.load(tmp_path / "new" / "found.json") == sections


def test_nothing_was_measured_before_the_first_run(tmp_path: Path) -> None:
    assert store.load(tmp_path / "found.json") == []


@pytest.mark.parametrize(
    "text", ["no json", "{}", '{"sections": [{"figures": [1], "growth": []}]}']
)
def test_a_foreign_file_is_refused_in_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "found.json").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="is not what this benchmark writes"):
        store.load(tmp_path / "found.json")
