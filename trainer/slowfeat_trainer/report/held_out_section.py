"""The table of held-out figures, what it says, and the spread of the
error for each kind of motion.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np

from slowfeat.geometry import describe_motion
from slowfeat_trainer.data.pairs import GAP_S
from slowfeat_trainer.evaluation.measure_bundle import OWN, Evaluation
from slowfeat_trainer.evaluation.metric import ARROWS, Metric, MetricValues, cells, legend, shown
from slowfeat_trainer.evaluation.metric_table import CODE_METRICS, MAP_METRICS, Metrics
from slowfeat_trainer.metrics import equivariance as metrics
from slowfeat_trainer.page.charts import Box, Line, box_chart, legend_of
from slowfeat_trainer.report.report_data import ReportData
from slowfeat_trainer.report.report_phrases import MAP, reading

# The error charts end here, in units of the copy baseline's error.
TOP = 2.0


def table_section(subjects: Sequence[ReportData]) -> str:
    """Sentences, runs side by side, and all rows of each."""
    parts = ["<h2>How good it is, on frames it has not seen</h2>"]
    if len(subjects) > 1:
        rows = {s.name: s.evaluation.comparison.rows[MAP] for s in subjects}
        codes = {s.name: s.evaluation.spaces[OWN] for s in subjects}
        parts += ["<h3>Side by side</h3>", map_table(rows), space_table(codes)]
    for subject in subjects:
        if len(subjects) > 1:
            parts.append(subject.heading)
        sentences = "".join(f"<li>{escape(s)}</li>" for s in reading(subject.evaluation))
        parts.append(f'<ul class="reading">{sentences}</ul>')
        full = _full(subject.evaluation)
        if len(subjects) == 1:
            parts.append(full)
        else:
            parts.append(
                f"<details><summary>All rows of {escape(subject.name)}</summary>{full}</details>"
            )
    return "".join(parts)


def _full(result: Evaluation) -> str:
    rows = {**result.comparison.rows, **result.baselines, **result.slices, **result.bounds}
    notes = "".join(f"<li>{escape(note)}</li>" for note in result.notes)
    maps = legend(
        MAP_METRICS,
        "No figure alone means much: noise lowers rho, slow drift raises R^2, memory of places "
        "raises MRR.",
    )
    codes = legend(CODE_METRICS, "A slow code wins the first two and may know nothing of motion.")
    return (
        f'<p class="soft" style="margin-top:14px">{result.comparison.pairs} pairs {GAP_S} s '
        f"apart. {_typeset(maps)}</p>{map_table(rows)}"
        f'<p class="soft" style="margin-top:14px">The codes as such. {_typeset(codes)}</p>'
        f'{space_table(result.spaces)}<ul class="notes">{notes}</ul>'
    )


def map_table(rows: dict[str, Metrics]) -> str:
    """Maps on codes."""
    return _table(MAP_METRICS, rows, MAP)


def space_table(rows: dict[str, MetricValues]) -> str:
    """Codes as such."""
    return _table(CODE_METRICS, rows, OWN)


def _table(metrics: Sequence[Metric[Any]], rows: Mapping[str, MetricValues], main: str) -> str:
    heads = [f"{_typeset(m.heading)} {ARROWS[m.better]}".strip() for m in shown(metrics)]
    head = "".join(f"<th>{h}</th>" for h in ("", *heads))
    body = "".join(
        f"<tr{' class=main' if name == main else ''}><td>{escape(name)}</td>"
        + "".join(f"<td>{cell}</td>" for cell in cells(metrics, [values]))
        + "</tr>"
        for name, values in rows.items()
    )
    return f'<div class="scroll"><table class="figures"><tr>{head}</tr>{body}</table></div>'


def _typeset(text: str) -> str:
    return escape(text).replace("R^2", "R²")


def errors_section(subjects: Sequence[ReportData]) -> str:
    """The error for each kind of motion, with its spread."""
    parts = [
        (
            "<h2>The error by kind of motion</h2><p>Each box holds the held-out pairs of one kind "
            "of motion within half a second: half of them lie in the box, four fifths between the "
            "ends of the line; the mark in the box is the median, the dot the mean. Left of the "
            "dashed line the prediction is better than the copy baseline."
        ),
        f" What is beyond {TOP:g} is drawn at the edge.</p>",
    ]
    alike = all(s.material is subjects[0].material for s in subjects)
    for together in [list(subjects)] if alike else [[s] for s in subjects]:
        if not alike:
            parts.append(together[0].heading)
        parts.append(_boxes(together))
    if alike and len(subjects) > 1:
        nothing = np.zeros(0)
        parts.append(legend_of([Line(s.name, s.style, nothing, nothing) for s in subjects]))
    return "".join(parts)


def _boxes(subjects: Sequence[ReportData]) -> str:
    """Of runs on the same frames."""
    first = subjects[0]
    pairs = first.material.pairs
    kinds = first.material.kinds
    kind = kinds.assign(pairs.single.motions)
    ratios = {s.name: error_ratios(s) for s in subjects}
    groups = []
    for g, centroid in enumerate(kinds.centroids):
        mine = kind == g
        if not mine.any():
            continue
        boxes = [Box.of(s.name, s.style, ratios[s.name][mine]) for s in subjects]
        groups.append((f"{describe_motion(centroid)} ({int(mine.sum())} pairs)", boxes))
    return box_chart(groups, "error for each kind of motion", 1.0, TOP)


def error_ratios(subject: ReportData) -> metrics.Matrix:
    """Error over distance moved (P,) of each held-out pair, floored as rho is."""
    pairs = subject.material.pairs.single
    z = subject.own(subject.split.test.frames)
    start, actual = z[pairs.before], z[pairs.after]
    predicted = subject.encoder.predict(start, pairs.motions)[0]
    moved = metrics.errors(start, actual)
    floor = max(0.1 * float(np.median(moved)), 1e-12)
    return np.asarray(metrics.errors(predicted, actual) / np.maximum(moved, floor))
