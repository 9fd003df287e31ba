"""What is said of dictionaries of patches follows their figures."""

from __future__ import annotations

from slowfeat_papers.goroshin.fc_findings import (
    FRESH,
    OVERLAP,
    RECONSTRUCTS,
    SGD,
    SLOW,
    SPARSE,
    SPARSE_SLOW,
    PoolStatistics,
    findings,
    table,
)


def statistics(step: float, pixels: float = 0.6, within: float = 0.5) -> PoolStatistics:
    """One seed."""
    return PoolStatistics(
        step=[step],
        unit_step=[step + 0.1],
        alive=[1.0],
        explained=[0.7],
        active=[0.2],
        pixels=[pixels],
        within=[within],
        across=[0.2],
    )


def found(slow: float, fast: float) -> dict[str, PoolStatistics]:
    """Steps of pools that learned to be slow, and of the others."""
    rows = {name: statistics(slow) for name in (SLOW, OVERLAP, SGD)}
    rows[SPARSE_SLOW] = statistics(slow, pixels=0.3)
    return rows | {name: statistics(fast) for name in (RECONSTRUCTS, SPARSE, FRESH)}


def test_slow_pools_agree_with_the_paper() -> None:
    assert all(f.agrees for f in findings(found(slow=0.2, fast=0.8)))


def test_pools_that_slowness_made_no_slower_do_not_agree() -> None:
    said = {f.row: f.agrees for f in findings(found(slow=0.8, fast=0.2))}
    assert said["G3"] is False
    assert said["G8"] is False


def test_a_row_holds_each_figure_under_its_head() -> None:
    shown = table({SLOW: statistics(0.25)})
    cells = dict(zip(shown.head, shown.rows[0], strict=True))
    assert cells["step of a pool (1: noise)"] == "0.25"
    assert cells["step of a unit"] == "0.35"
    assert cells["likeness of spectra in a pool / between pools"] == "0.50 / 0.20"
