"""The tables of docs/places.md."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from slowfeat_trainer.evaluation.metric import headings
from slowfeat_trainer.evaluation.metric_table import MAP_METRICS

Rows = dict[str, dict[str, float | None]]
FIGURES = ("rho", "rho_composite", "mrr", "motion_gain")
HEADS = headings(MAP_METRICS, FIGURES)
# What a bundle was given of a place, by the rows of `slowfeat adapt`.
STATES = {
    "as it was": "without adaptation",
    "camera described": "camera described",
    "adapted": "adapted",
}
PEERS = ("mean of the bag", "image shift, no training", "copy")


def cell(values: Sequence[float | None], digits: int = 3) -> str:
    """Mean and, over several runs, standard deviation."""
    known = [v for v in values if v is not None]
    if len(known) < len(values) or not known:
        return ""
    spread = f" ±{np.std(known, ddof=1):.{digits}f}" if len(known) > 1 else ""
    return f"{np.mean(known):.{digits}f}{spread}"


def place_table(
    place: str, found: dict[tuple[str, str], list[Rows]], own: dict[str, list[Any]] | None
) -> str:
    """What each method and source is worth in a place; `own`: metrics of the
    bundles that were trained there.
    """
    heads = [f"{head}, {when}" for when in STATES.values() for head in HEADS]
    none = " |" * (len(heads) - len(HEADS))
    lines = [f"## {place}\n", "| method | learned from | " + " | ".join(heads) + " |"]
    lines.append("|---" * (len(heads) + 2) + "|")
    for (method, source), runs in found.items():
        cells = [cell([run[when][figure] for run in runs]) for when in STATES for figure in FIGURES]
        lines.append(f"| {method} | {source} | {' | '.join(cells)} |")
    some = next(iter(found.values()))
    for peer in PEERS:
        cells = [cell([some[0][peer][figure]]) for figure in FIGURES]
        lines.append(f"| {peer} | | {' | '.join(cells)} |{none}")
    for method, metrics in (own or {}).items():
        rows = [m["rows"]["bundle's map"] for m in metrics]
        cells = [cell([row[figure] for row in rows]) for figure in FIGURES]
        lines.append(f"| {method} | this place | {' | '.join(cells)} |{none}")
    return "\n".join([*lines, ""])


def code_table(place: str, rows: dict[str, list[dict[str, float]]]) -> str:
    """The codes as such, each of one run or of several."""
    columns = list(next(iter(rows.values()))[0])
    lines = [f"## {place}, the codes as such\n", "| code | " + " | ".join(columns) + " |"]
    lines.append("|---" * (len(columns) + 1) + "|")
    for name, runs in rows.items():
        cells = [cell([run[c] for run in runs], 1 if c == "rank" else 3) for c in columns]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join([*lines, ""])
