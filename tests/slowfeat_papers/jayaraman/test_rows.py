"""What is measured of a method, and how the table says it."""

from __future__ import annotations

import numpy as np

from slowfeat_papers.jayaraman import published
from slowfeat_papers.jayaraman.grid import grey_pixels
from slowfeat_papers.jayaraman.rows import (
    Column,
    agrees,
    cell,
    clearly,
    equivariance_row,
    kept,
    order_of,
    table,
)
from slowfeat_papers.material.view_grid import walks
from slowfeat_trainer.data.motion_patterns import discover_patterns
from slowfeat_trainer.data.pairs import Split


def test_a_row_has_chance_where_the_code_is_constant_and_more_where_it_is_pixels(grid):
    split = Split(
        *(walks(grid, objects, 40, 0.3, 1) for objects in (grid.known, grid.labelled, grid.unseen))
    )
    patterns = discover_patterns(split.train.pairs_at_gap(0.5).motions, 4, 0.0)
    constant = equivariance_row(lambda frames: np.ones((len(frames), 3)), split, patterns)
    assert constant["gain"] == 0.0
    assert constant["mrr"] < 0.1
    assert equivariance_row(grey_pixels, split, patterns)["gain"] > 0.02


def test_cells_say_spread_only_where_there_is_one():
    assert cell([{"rho": 0.5}], "rho") == "0.500"
    assert cell([{"rho": 0.5}, {"rho": 0.7}], "rho") == "0.600 ±0.141"
    assert cell([{"knn": 0.25, "knn_error": 0.01}], "knn") == "25.0 (s.e. 1.0)"
    assert cell([{"rho": 1e9}], "rho") == "> 100"
    assert cell([{}], "own_rho") == "-"


def test_the_published_order_agrees_with_itself_and_not_with_its_reverse():
    column = Column("", "rho", published.RHO_ATOMIC)
    same = {name: [{"rho": value}] for name, value in published.RHO_ATOMIC.items()}
    turned = {name: [{"rho": -value}] for name, value in published.RHO_ATOMIC.items()}
    assert agrees(order_of(same, column))
    assert not agrees(order_of(turned, column))
    shown = table("", same, ("rho",), (column,))
    assert shown.rows[-1] == ["equiv_drlim", "0.581", "0.581"]


def test_clearly_better_is_by_more_than_the_errors():
    found = {
        "a": [{"knn": 0.30, "knn_error": 0.01}],
        "b": [{"knn": 0.28, "knn_error": 0.01}],
        "c": [{"knn": 0.29, "knn_error": 0.01}],
    }
    assert clearly(found, "a", "b", "knn")
    assert not clearly(found, "a", "c", "knn")


def test_a_row_is_measured_once(tmp_path):
    assert kept(tmp_path / "a" / "row.json", lambda: {"rho": 0.5}) == {"rho": 0.5}
    assert kept(tmp_path / "a" / "row.json", lambda: {"rho": 9.9}) == {"rho": 0.5}
