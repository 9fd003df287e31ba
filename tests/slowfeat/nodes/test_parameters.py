"""The parameter table: what it refuses, in which words, and that the documentation agrees."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import yaml

from scripts.document_node import PAGES, render
from slowfeat.nodes.parameters import ENCODER_PARAMETERS, NodeParameter

ROOT = Path(__file__).resolve().parents[3]
ALL = [row for table in PAGES.values() for row in table]
BY_NAME = {row.name: row for row in ENCODER_PARAMETERS}
RATE = NodeParameter("rate", 1.0, "A rate, Hz.", bounds=(0.1, 1000.0))


def test_out_of_bounds_is_said_in_the_words_that_robot_owners_know() -> None:
    expected = "Value 0.0 in parameter 'rate' must be within bounds [0.1, 1000.0]"
    assert RATE.why_wrong(0.0) == expected
    assert RATE.why_wrong(0.1) is None
    assert RATE.why_wrong(math.nan) is not None


@pytest.mark.parametrize("row", ALL, ids=lambda row: row.name)
def test_default_is_allowed_and_described(row: NodeParameter) -> None:
    assert row.why_wrong(row.default) is None
    assert row.description.endswith(".")


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ([1.0] * 7, "multiple of 6"),
        ([math.inf] * 6, "finite"),
        (["a"] * 6, "array of numbers"),
        ("abcdef", "array of numbers"),
        (3.0, "array of numbers"),
    ],
)
def test_malformed_motions_are_refused(value: object, reason: str) -> None:
    assert reason in str(BY_NAME["motions"].why_wrong(value))


def test_whole_numbers_are_motions_too() -> None:
    assert BY_NAME["motions"].why_wrong([1, 0, 0, 0, 0, 0]) is None


@pytest.mark.parametrize("name", ["encoder", "view_selector"])
def test_parameter_file_holds_known_names_and_the_defaults(name: str) -> None:
    text = (ROOT / "config" / f"{name}.yaml").read_text(encoding="utf-8")
    values = yaml.safe_load(text)["/**"]["ros__parameters"]
    (table,) = (table for page, table in PAGES.items() if page.stem == name)
    defaults = {row.name: row.default for row in table}
    assert values == {name: defaults[name] for name in values}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_documentation_is_up_to_date(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text == render(text, PAGES[page]), "run .venv/bin/python scripts/document_node.py"


@pytest.mark.parametrize("row", ALL, ids=lambda row: row.name)
def test_choices_are_strings_to_yaml_too(row: NodeParameter) -> None:
    # `-p NAME:=off` would give the boolean false.
    assert [yaml.safe_load(choice) for choice in row.choices] == list(row.choices)
