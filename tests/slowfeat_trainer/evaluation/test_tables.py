"""The tables of bundles as text."""

from __future__ import annotations

from slowfeat_trainer.evaluation.tables import cell


def test_cells() -> None:
    assert cell([0.12345]) == "0.123"
    assert cell([8, 8]) == "8"
    # Standard deviation of 1 and 2.
    assert cell([1.0, 2.0]) == "1.500 ±0.707"
