"""All figures of one or several bundles as text."""

from __future__ import annotations

from typing import Any

import numpy as np

from slowfeat_trainer.data.pairs import GAP_S
from slowfeat_trainer.evaluation.compare import Comparison
from slowfeat_trainer.evaluation.comparison_text import EXPLANATION
from slowfeat_trainer.evaluation.measure_bundle import Evaluation
from slowfeat_trainer.evaluation.metric import MetricValues, legend, text_table
from slowfeat_trainer.evaluation.metric_table import (
    CODE_METRICS,
    MAP_METRICS,
    RECOGNITION_METRICS,
    Metrics,
)

CODES_EXPLAINED = legend(
    CODE_METRICS,
    "A slow code wins the first two and may know nothing of motion: read them beside the table "
    "above.",
)


def describe(results: list[Comparison]) -> str:
    """Rows of all comparisons together, one figure or mean and spread a cell."""
    return _comparisons(results, "") + EXPLANATION


def describe_evaluations(results: list[Evaluation], repeats: int = 1) -> str:
    """All tables of some bundles.

    Args:
        results: of each bundle and repeat.
        repeats: how many of them are of one bundle.
    """
    over = ""
    if repeats > 1:
        count = len(results) // repeats
        bundles = "1 bundle" if count == 1 else f"{count} bundles"
        over = f"{bundles} x {repeats} draws of what is random"
    more: dict[str, list[Metrics]] = {}
    for kind in ("baselines", "slices", "bounds"):
        more |= _together(results, kind)
    parts = [
        _comparisons([r.comparison for r in results], over, more) + EXPLANATION,
        text_table(CODE_METRICS, _together(results, "spaces"), "the codes as such"),
        CODES_EXPLAINED,
    ]
    if results[0].recognition:
        parts += ["", recognition_table(_together(results, "recognition"))]
    # Bundles of one call may be of several sizes, and the notes with them.
    notes = dict.fromkeys(note for result in results for note in result.notes)
    return "\n".join([*parts[:1], "", *parts[1:], "", *notes])


def _comparisons(
    results: list[Comparison], over: str, more: dict[str, list[Any]] | None = None
) -> str:
    rows = {name: [result.rows[name] for result in results] for name in results[0].rows}
    ratio = ", ".join(f"{r.expected_error_ratio:.2f}" for r in results)
    order = ", ".join(f"{r.expected_error_rank:.2f}" for r in results)
    rank = ", ".join(f"{r.effective_rank:.1f}" for r in results)
    composed = ", ".join(f"{r.composition_error or 0.0:.2f}" for r in results)
    spread = float(np.mean([r.rows["bundle's map"].mrr_spread for r in results]))
    over = over or f"{len(results)} bundles"
    said = f"±: standard deviation over {over}; " if len(results) > 1 else ""
    return (
        f"{results[0].pairs} pairs {GAP_S} s apart in {results[0].test_seconds:.0f} s\n"
        f"{text_table(MAP_METRICS, {**rows, **(more or {})})}\n\n"
        f"expected over real error {ratio}; their rank correlation {order}; effective rank {rank}; "
        f"composition error {composed}\n"
        f"{said}MRR varies by {spread:.3f} over draws of the candidates\n"
    )


def _together(results: list[Evaluation], kind: str) -> dict[str, list[Any]]:
    """Rows that all results have, of one of their tables."""
    tables = [getattr(result, kind) for result in results]
    return {
        name: [rows[name] for rows in tables]
        for name in tables[0]
        if all(name in rows for rows in tables)
    }


def recognition_table(rows: dict[str, list[MetricValues]]) -> str:
    """Class coherence and few labels; the spread is the standard error over the draws of labels."""
    one = next(iter(rows.values()))[0]
    closing = (
        f"By chance AUC class is {one.number('auc_class_chance'):.3f}. "
        f"{one.number('labels_per_class'):.0f} labels a class, mean and standard error of "
        f"{one.number('repeats'):.0f} draws."
    )
    return "\n".join(
        [
            text_table(RECOGNITION_METRICS, rows, "recognition"),
            legend(RECOGNITION_METRICS, closing),
        ]
    )
