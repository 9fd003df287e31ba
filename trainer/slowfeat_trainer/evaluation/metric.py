"""What a metric is: one row of a table that text, HTML, Markdown and JSON are made from."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

import numpy as np

Data = TypeVar("Data")
Better = Literal["more", "less", ""]

# Columns of text; a longer name widens its table.
NAME, CELL, LINE = 28, 14, 100
ARROWS: dict[Better, str] = {"more": "↑", "less": "↓", "": ""}


@dataclass(frozen=True)
class Metric(Generic[Data]):
    """One metric of what it is measured on."""

    # Its key in JSON and in a row of values.
    name: str
    # Above its column; empty: it stands in JSON only.
    heading: str
    # The value, None where it does not apply.
    of: Callable[[Data], float | None]
    digits: int = 3
    # Which way is better; empty where neither is by itself.
    better: Better = "more"
    # What a constant embedding gets; None where that depends on the data.
    constant: float | None = None
    # One clause for the lines below a table; empty: nothing is said there.
    means: str = ""
    # The metric that holds its standard error, shown behind ±.
    error: str = ""


class MetricValues(dict[str, float | None]):
    """Values by the names of metrics; one that does not apply, or that an older file lacks, is
    None.
    """

    def __missing__(self, name: str) -> None:
        return None

    def number(self, name: str) -> float:
        """The value of a metric that always applies.

        Raises:
            KeyError: it is not there.
        """
        value = self[name]
        if value is None:
            raise KeyError(name)
        return value


def measured(metrics: Iterable[Metric[Data]], data: Data) -> dict[str, float | None]:
    """The values of all metrics of a table."""
    return {metric.name: metric.of(data) for metric in metrics}


def shown(metrics: Iterable[Metric[Any]]) -> list[Metric[Any]]:
    """Those that have a column."""
    return [metric for metric in metrics if metric.heading]


def headings(metrics: Iterable[Metric[Any]], names: Iterable[str]) -> tuple[str, ...]:
    """Of some metrics by name."""
    known = {metric.name: metric.heading for metric in metrics}
    return tuple(known[name] for name in names)


def digits_of(metrics: Iterable[Metric[Any]]) -> dict[str, int]:
    """Digits behind the point, by name."""
    return {metric.name: metric.digits for metric in metrics}


def cell(metric: Metric[Any], rows: Sequence[Mapping[str, float | None]]) -> str:
    """A value, or the mean and the standard deviation of several; "-" where one does not apply.

    A metric with a standard error of its own has the mean of that behind ±.
    """
    values = [row.get(metric.name) for row in rows]
    known = [value for value in values if value is not None]
    if not known or len(known) < len(values):
        return "-"
    text = f"{np.mean(known):.{metric.digits}f}"
    if metric.error:
        return f"{text} ±{np.mean([row[metric.error] or 0.0 for row in rows]):.{metric.digits}f}"
    if len(known) == 1 or (metric.digits == 0 and len(set(known)) == 1):
        return text
    return f"{text} ±{np.std(known, ddof=1):.{metric.digits}f}"


def cells(metrics: Iterable[Metric[Any]], rows: Sequence[Mapping[str, float | None]]) -> list[str]:
    """One row of a table in any form: a cell for each metric that has a column."""
    return [cell(metric, rows) for metric in shown(metrics)]


def text_table(
    metrics: Sequence[Metric[Any]],
    rows: Mapping[str, Sequence[Mapping[str, float | None]]],
    title: str = "",
) -> str:
    """Aligned text; several values a row become mean and spread."""
    width = max([NAME, *(len(name) + 1 for name in rows)])
    heads = [metric.heading for metric in shown(metrics)]
    lines = [f"{title:{width}s}" + "".join(f"{head:>{CELL}s}" for head in heads)]
    for name, values in rows.items():
        line = "".join(f"{text:>{CELL}s}" for text in cells(metrics, values))
        lines.append(f"{name:{width}s}{line}")
    return "\n".join(lines)


def markdown_table(
    metrics: Sequence[Metric[Any]],
    rows: Mapping[str, Sequence[Mapping[str, float | None]]],
    title: str = "",
) -> str:
    """The same as a table of Markdown."""
    heads = [metric.heading for metric in shown(metrics)]
    lines = [f"| {' | '.join([title, *heads])} |", "|---" * (len(heads) + 1) + "|"]
    lines += [f"| {' | '.join([name, *cells(metrics, values)])} |" for name, values in rows.items()]
    return "\n".join(lines)


def legend(metrics: Iterable[Metric[Any]], closing: str) -> str:
    """What the columns mean, in lines of at most 100 characters, ended by a sentence."""
    clauses = [f"{metric.heading}: {metric.means}" for metric in shown(metrics) if metric.means]
    return textwrap.fill(f"{'; '.join(clauses)}. {closing}", LINE)


def legend_json(metrics: Iterable[Metric[Any]]) -> dict[str, dict[str, Any]]:
    """The table itself for programs: what each name stands for, and which way is better."""
    return {
        metric.name: {
            "heading": metric.heading,
            "better": metric.better,
            "constant": metric.constant,
            "means": metric.means,
        }
        for metric in metrics
    }
