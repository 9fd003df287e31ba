"""All figures of one or several bundles as text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from slowfeat_trainer.evaluation.compare import GAP_S, Comparison, Metrics, table
from slowfeat_trainer.evaluation.comparison_text import EXPLANATION
from slowfeat_trainer.evaluation.labelled_images import RecognitionMetrics
from slowfeat_trainer.evaluation.measure_bundle import Evaluation
from slowfeat_trainer.evaluation.slowness import SpaceMetrics

# Columns of text; a longer name widens its table.
NAME, CELL = 28, 14

SPACE_COLUMNS = (
    ("auc_time", "AUC time"),
    ("auc_time_chance", "by chance"),
    ("slowness_auroc", "AUROC"),
    ("straightness", "straightness"),
    ("extrapolation_error", "extrapolation"),
    ("effective_rank", "rank"),
    ("dimension", "D"),
)
SPACES_EXPLAINED = """\
AUC time: same-scene frames found by cosine distance (Goroshin et al. 2015), beside what a constant
gets; AUROC: neighbouring frames against others by distance, .5 is chance (Jayaraman & Grauman
2017, fig. 12); straightness: cosine of successive steps of 0.5 s; extrapolation: error of
2 z2 - z1, 1 is no better than z2; rank: directions in use. A slow code wins the first two and may
know nothing of motion: read them beside the table above."""


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
        figures_table(_together(results, "spaces"), SPACE_COLUMNS, "the codes as such"),
        SPACES_EXPLAINED,
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
        f"{table({**rows, **(more or {})})}\n\n"
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


def figures_table(
    rows: dict[str, list[SpaceMetrics]], columns: Sequence[tuple[str, str]], title: str
) -> str:
    """Rows of figures as aligned text; several figures a row become mean and spread."""
    width = name_width(rows)
    lines = [f"{title:{width}s}" + "".join(f"{head:>{CELL}s}" for _, head in columns)]
    for name, figures in rows.items():
        cells = [cell([getattr(f, column) for f in figures]) for column, _ in columns]
        lines.append(f"{name:{width}s}" + "".join(f"{c:>{CELL}s}" for c in cells))
    return "\n".join(lines)


def name_width(rows: Iterable[str]) -> int:
    """Columns for the names of rows."""
    return max([NAME, *(len(name) + 1 for name in rows)])


def cell(values: Sequence[float]) -> str:
    """One figure, or mean and standard deviation of several; whole numbers stay whole."""
    if len(set(values)) == 1 and isinstance(values[0], int):
        return str(values[0])
    digits = 1 if abs(float(np.mean(values))) >= 10 else 3
    if len(values) > 1:
        return f"{np.mean(values):.{digits}f} ±{np.std(values, ddof=1):.{digits}f}"
    return f"{values[0]:.{digits}f}"


def recognition_table(rows: dict[str, list[RecognitionMetrics]]) -> str:
    """Class coherence and few labels; the spread is the standard error over the draws of labels."""
    one = next(iter(rows.values()))[0]
    width = name_width(rows)
    lines = [
        f"{'recognition':{width}s}{'AUC class':>{CELL}s}{'5-NN':>{CELL}s}{'linear probe':>{CELL}s}"
    ]
    for name, figures in rows.items():
        cells = [cell([f.auc_class for f in figures])]
        for value, error in (("knn", "knn_error"), ("linear", "linear_error")):
            mean = np.mean([getattr(f, value) for f in figures])
            cells.append(f"{mean:.3f} ±{np.mean([getattr(f, error) for f in figures]):.3f}")
        lines.append(f"{name:{width}s}" + "".join(f"{c:>{CELL}s}" for c in cells))
    return "\n".join(
        [
            *lines,
            (
                "AUC class: share of a query's class among its nearest, averaged over the first "
                f"40 (Goroshin et al. 2015), {one.auc_class_chance:.3f} by chance; 5-NN and "
                f"linear probe: share right with {one.labels_per_class} labels a class, mean and "
                f"standard error of {one.repeats} draws"
            ),
        ]
    )
