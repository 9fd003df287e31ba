"""Rows of metrics in every form: text, Markdown, JSON; values that do not apply; spreads."""

from __future__ import annotations

import copy
import json
from dataclasses import asdict, dataclass

import pytest

from slowfeat_trainer.evaluation.metric import (
    Metric,
    MetricValues,
    cell,
    legend,
    legend_json,
    markdown_table,
    measured,
    text_table,
)

LENGTH = Metric[str]("length", "long", lambda text: len(text), means="letters in it")
SHARE = Metric[str](
    "share", "share of a", lambda text: text.count("a") / len(text) if text else None, better="less"
)
HIDDEN = Metric[str]("hidden", "", lambda _: 7.0)
WHOLE = Metric[str]("whole", "D", lambda text: len(text), digits=0)
METRICS = (LENGTH, SHARE, HIDDEN)


def test_a_row_has_every_metric_and_what_does_not_apply_is_none() -> None:
    assert measured(METRICS, "abca") == {"length": 4, "share": 0.5, "hidden": 7.0}
    assert measured(METRICS, "")["share"] is None


def test_a_metric_that_an_older_file_lacks_is_none() -> None:
    row = MetricValues(length=4.0)
    assert row["share"] is None
    assert cell(SHARE, [row]) == "-"
    with pytest.raises(KeyError, match="share"):
        row.number("share")


def test_values_stay_what_they_are_when_a_record_of_them_is_written() -> None:
    @dataclass
    class Record:
        row: MetricValues

    stored = asdict(Record(MetricValues(length=4.0)))
    assert json.loads(json.dumps(stored)) == {"row": {"length": 4.0}}
    assert copy.deepcopy(MetricValues(length=4.0))["share"] is None


def test_cells_have_mean_and_spread() -> None:
    rows = [MetricValues(length=1.0, whole=8), MetricValues(length=2.0, whole=8)]
    # Standard deviation of 1 and 2.
    assert cell(LENGTH, rows) == "1.500 ±0.707"
    assert cell(LENGTH, rows[:1]) == "1.000"
    assert cell(WHOLE, rows) == "8"
    assert cell(LENGTH, [*rows, MetricValues()]) == "-"


def test_a_standard_error_of_its_own_stands_behind_the_value() -> None:
    metric = Metric[str]("length", "long", lambda text: len(text), error="hidden")
    assert cell(metric, [MetricValues(length=1.0, hidden=0.25)]) == "1.000 ±0.250"


def test_all_forms_have_the_same_columns_and_cells() -> None:
    rows = {"first": [measured(METRICS, "abca")], "other": [measured(METRICS, "")]}
    text, markdown = text_table(METRICS, rows, "words"), markdown_table(METRICS, rows, "words")
    assert [line.split() for line in text.splitlines()] == [
        ["words", "long", "share", "of", "a"],
        ["first", "4.000", "0.500"],
        ["other", "0.000", "-"],
    ]
    assert markdown.splitlines() == [
        "| words | long | share of a |",
        "|---|---|---|",
        "| first | 4.000 | 0.500 |",
        "| other | 0.000 | - |",
    ]


def test_a_long_name_widens_the_table() -> None:
    lines = text_table(METRICS, {"n" * 40: [measured(METRICS, "a")]}).splitlines()
    assert len(set(map(len, lines))) == 1


def test_the_legend_says_what_the_columns_mean_and_which_way_is_better() -> None:
    assert legend(METRICS, "Read both.") == "long: letters in it. Read both."
    assert legend_json(METRICS)["share"] == {
        "heading": "share of a",
        "better": "less",
        "constant": None,
        "means": "",
    }
