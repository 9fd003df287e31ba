"""What `slowfeat report` asks of the report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from slowfeat.errors import UsageError
from slowfeat_trainer.commands import report
from slowfeat_trainer.report import write
from tests.helpers.command_arguments import parsed


@pytest.mark.parametrize("flag", ["--no-frames", "--without-frames"])
def test_flags_reach_the_page(
    flag: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    calls: list[Any] = []
    monkeypatch.setattr(write, "write_report", lambda *given: calls.append(given) or "written")
    assert report.run(parsed(report, "a", "b", "--out", "page.html", "--on", "bag", flag)) == 0
    assert report.run(parsed(report, "a", "--out", "page.html")) == 0
    page = Path("page.html")
    assert calls == [
        ([Path("a"), Path("b")], page, Path("bag"), False),
        ([Path("a")], page, None, True),
    ]
    assert capsys.readouterr().out == "written\n" * 2


def test_a_page_must_be_named() -> None:
    with pytest.raises(UsageError):
        parsed(report, "a")
