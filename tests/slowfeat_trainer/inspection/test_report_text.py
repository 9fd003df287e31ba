"""The report for a terminal."""

from __future__ import annotations

from slowfeat_trainer.inspection.report_text import BAR, bar


def test_bars_are_as_long_as_their_shares() -> None:
    assert bar(0.5, 0.5) == "█" * BAR
    assert bar(0.25, 0.5) == "█" * (BAR // 2)
    assert bar(0.0, 0.5) == bar(0.0, 0.0) == ""
