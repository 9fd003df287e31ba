"""What the table says follows its figures."""

from __future__ import annotations

from slowfeat_papers.goroshin.table_findings import (
    PUBLISHED,
    PUBLISHED_NAMES,
    Measured,
    findings,
)


def measured(figures: dict[str, float]) -> Measured:
    """A column with the figures of the six methods, and others below them."""
    column = Measured(chance=0.01)
    for preset, value in figures.items():
        column.add(PUBLISHED_NAMES[preset], value)
    for row in (
        "sparse, layer 1",
        "untrained, layer 1",
        "untrained, layer 2",
        "pixels",
        "ZCA pixels",
    ):
        column.add(row, 0.1)
    return column


def test_the_published_figures_agree_with_themselves_in_every_row() -> None:
    time, of_class = (measured({p: v[k] for p, v in PUBLISHED.items()}) for k in range(2))
    found = {f.row: f.agrees for f in findings(time, of_class, 100, "pictures")}
    assert found.pop("G12") is None
    assert set(found.values()) == {True}


def test_the_reversed_order_agrees_in_no_row_of_the_order() -> None:
    time, of_class = (measured({p: 1 - v[k] for p, v in PUBLISHED.items()}) for k in range(2))
    found = {f.row: f.agrees for f in findings(time, of_class, 100, "pictures")}
    assert not any(found[row] for row in ("G9", "G10", "G11", "G13", "G16", "G17", "G21", "G23"))


def test_one_figure_for_all_agrees_in_no_row() -> None:
    flat = measured(dict.fromkeys(PUBLISHED, 0.1))
    assert not any(f.agrees for f in findings(flat, flat, 100, "pictures"))
