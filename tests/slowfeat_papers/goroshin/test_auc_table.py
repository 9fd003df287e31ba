"""The table of areas: ours beside the published ones, and how alike their orders are."""

from __future__ import annotations

from slowfeat_papers.goroshin.auc_table import CLASS, PUBLISHED, TIME, orders, table
from slowfeat_papers.goroshin.encoders import PUBLISHED_NAMES
from slowfeat_papers.goroshin.table_findings import Measured


def columns(sign: float) -> dict[str, Measured]:
    """The published figures, or with -1 their reverse, in both columns."""
    found = {f"{TIME}, maps": Measured(chance=0.02), CLASS: Measured(chance=0.1)}
    for which, column in enumerate(found.values()):
        for preset, figures in PUBLISHED.items():
            column.add(PUBLISHED_NAMES[preset], sign * figures[which])
        column.add("pixels", 0.05)
    return found


def test_published_figures_stand_in_the_rows_of_their_methods_alone() -> None:
    shown = table(columns(1.0))
    rows = {row[0]: row[1:] for row in shown.rows}
    assert rows["slow, layer 1"] == ["0.262", "0.296", "0.262", "0.296"]
    assert rows["pixels"] == ["0.050", "0.050", "-", "-"]
    assert rows["a constant code (chance)"] == ["0.020", "0.100", "-", "-"]
    assert all(len(row) == len(shown.head) for row in shown.rows)


def test_the_same_order_agrees_in_all_pairs_and_its_reverse_in_none() -> None:
    same, reverse = orders(columns(1.0)).rows, orders(columns(-1.0)).rows
    assert [row[1:3] for row in same] == [["15 of 15", "+1.00"]] * 2
    assert [row[1:3] for row in reverse] == [["0 of 15", "-1.00"]] * 2
