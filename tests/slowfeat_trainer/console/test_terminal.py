"""What the user sees of long work."""

from __future__ import annotations

import pytest

from slowfeat_trainer.console.terminal import bar_filler, say


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
