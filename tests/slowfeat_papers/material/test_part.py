"""Sizes of experiments, and what one leaves."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from slowfeat_papers.material.part import Bench, Finding, Result, Size, Sources, Table


def bench(size: Size) -> Bench:
    return Bench(Path(), Path(), Sources(), size, 1)


def test_an_evening_is_as_many_times_quick_as_full_is_an_evening() -> None:
    assert (bench(Size.QUICK).pick(10, 1000), bench(Size.FULL).pick(10, 1000)) == (10, 1000)
    assert bench(Size.EVENING).pick(10, 1000) == 100
    assert isinstance(bench(Size.EVENING).pick(3, 50), int)
    assert bench(Size.EVENING).pick(0.5, 8.0) == pytest.approx(2.0)
    # Between two words there is no middle.
    assert bench(Size.EVENING).pick("quick", "full") == "quick"
    assert [s for s in Size if bench(s).quick] == [Size.QUICK]


def test_only_the_full_size_is_repeated_by_itself() -> None:
    assert [size.seeds for size in (Size.QUICK, Size.EVENING, Size.FULL)] == [1, 1, 3]


def test_a_result_comes_back_from_its_json() -> None:
    result = Result(
        [Finding("G1", "so it is", None), Finding("G2", "not so", False)],
        [Table("t", ["a", "b"], [["1", "2"]])],
        {"a.png": "an image"},
        ["a note"],
        seeds=3,
    )
    assert Result.of(json.loads(json.dumps(asdict(result)))) == result
