"""What the user sees of long work."""

from __future__ import annotations

import io
import sys

import pytest

from slowfeat.printable import printable_output
from slowfeat_trainer.console.terminal import bar_filler, progress_bar, say


def test_of_several_processes_the_first_speaks(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    say("one")
    monkeypatch.setenv("RANK", "1")
    say("two")
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "one\n")


def test_a_bar_follows_what_is_done() -> None:
    class Bar:
        n, total = 0, 1

        def update(self, more: int) -> None:
            self.n += more

    bar = Bar()
    show = bar_filler(bar)  # type: ignore[arg-type]
    show(3, 10)
    show(7, 12)
    assert (bar.n, bar.total) == (7, 12)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_moves_the_cursor_and_its_label_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with printable_output(), progress_bar(10, "bag\x1b[2J", "frame") as bar:
        bar.update(5)
        bar.refresh()
    said = terminal.getvalue()
    assert "bag\\x1b[2J:  50%" in said
    assert "\r" in said
    assert "\\r" not in said
