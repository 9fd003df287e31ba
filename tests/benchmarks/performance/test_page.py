"""The page shows every figure beside its peer, what is met and what is not."""

from __future__ import annotations

import pytest

from benchmarks.performance import page
from benchmarks.performance.__main__ import machine
from benchmarks.performance.figures import Figure, Goal, Section, cost, rate
from benchmarks.performance.growth import Growth
from benchmarks.performance.turns import Turns

TURNS = Turns({"ours": [0.010, 0.011, 0.012], "floor": [0.008, 0.009, 0.010]})


def section(goal: Goal | None = None) -> Section:
    squared = [[n * n for n in (1.0, 4.0, 16.0)]]
    growth = Growth("squares", "size", "ms", [1, 4, 16], squared)
    figures = [rate("a case", TURNS, "ours", "floor", 10, "frames/s", goal)]
    return Section("part", "A part", "What is compared.", figures, [growth], ["A remark."])


def only(found: Figure) -> tuple[float, bool | None]:
    return round(found.reached.median, 3), found.is_met


@pytest.mark.parametrize(
    ("goal", "reached"),
    [
        (Goal("ratio", "at least", 0.8), (0.818, True)),
        (Goal("ratio", "at least", 0.9), (0.818, False)),
        (Goal("ours", "at most", 1000.0), (909.091, True)),
        (None, (0.818, None)),
    ],
)
def test_goals_are_met_by_the_median(goal: Goal | None, reached: tuple[float, bool | None]) -> None:
    assert only(section(goal).figures[0]) == reached


def test_a_cost_is_told_in_ms_and_its_ratio_is_ours_by_theirs() -> None:
    found = cost("a case", TURNS, "ours", "floor", Goal("difference", "at most", 1.0))
    assert (found.ours.median, found.theirs.median) == pytest.approx((11.0, 9.0))
    assert found.ratio.median == pytest.approx(11 / 9)
    assert only(found) == (2.0, False)


def test_the_page_has_figures_ranges_goals_growth_and_notes() -> None:
    notes = page.read_notes("Foreword.\n\n## squares\nBecause\nthey are.\n\n## part\nSeen so.\n")
    text = page.page([section(Goal("ratio", "at least", 0.9))], machine(), notes)
    assert "| a case | 909 (833 to 1,000) frames/s | floor |" in text
    assert "**0.82** (0.80 to 0.83)" in text
    assert "**not met**" in text
    assert "| 2.00 | 2.00 | worse than linear |" in text
    assert "- **squares**: Because they are." in text
    assert "A remark." in text
    assert "Seen so." in text


def test_the_notes_that_are_there_can_be_read() -> None:
    for name, note in page.read_notes(page.NOTES.read_text(encoding="utf-8")).items():
        assert name
        assert note
