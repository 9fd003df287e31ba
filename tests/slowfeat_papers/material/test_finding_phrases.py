"""Figures in words."""

from __future__ import annotations

import pytest

from slowfeat_papers.material.finding_phrases import mean, spread


def test_one_value_has_no_spread_and_several_have_that_of_a_sample() -> None:
    assert spread([0.12345]) == "0.123"
    # Of 1, 2 and 3 the deviation of a sample is 1; that of a population would be .82.
    assert spread([1.0, 2.0, 3.0], 2) == "2.00 ±1.00"
    assert mean([1.0, 2.0, 6.0]) == pytest.approx(3.0)
