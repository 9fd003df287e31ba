"""What a study found: the best beside the default, whether the difference is
worth anything, in words and JSON.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from slowfeat_trainer.evaluation.metric import digits_of
from slowfeat_trainer.evaluation.metric_table import CODE_METRICS, MAP_METRICS
from slowfeat_trainer.tuning.trials import AUC_TIME, DONE, Row

NAMES = {"auc_time": "AUC_time", "motion_gain": "gain", "accuracy": "accuracy"}
DIGITS = digits_of(MAP_METRICS) | digits_of(CODE_METRICS)
# Trials of the table beside best and default.
OTHERS = 4


@dataclass(frozen=True)
class Result:
    """The finished trials of a study, and the same settings with other seeds."""

    rows: list[Row]
    criterion: str
    # The best and the default, each with further seeds; empty where that was not asked for.
    again: list[Row]
    importance: dict[str, float] | None = None

    @property
    def default(self) -> Row:
        """Trial 0."""
        return self.rows[0]

    @property
    def best(self) -> Row | None:
        """The trial with the highest score, the earlier of equals; None where none has one."""
        return best_of(self.rows, self.criterion)


def best_of(rows: list[Row], criterion: str) -> Row | None:
    """The row with the highest score, the earlier of equals; None where none has one."""
    scored = [row for row in rows if row.outcome == DONE]
    return max(scored, key=lambda row: row.score(criterion) or 0.0, default=None)


def differences(result: Result) -> tuple[list[float], str]:
    """Best minus default for each seed that both had again, or else for
    each fold; and which of these.
    """
    best, default = result.best, result.default
    if best is None or default.outcome != DONE:
        return [], ""
    theirs = {row.seed: row for row in result.again if row.settings == default.settings}
    found = []
    for row in result.again:
        other = theirs.get(row.seed)
        if row.settings == best.settings and other is not None:
            a, b = row.score(result.criterion), other.score(result.criterion)
            if a is not None and b is not None:
                found.append(a - b)
    if found or len(best.folds) < 2:
        return found, "other seeds"
    pairs = zip(best.scores(result.criterion), default.scores(result.criterion), strict=True)
    return [a - b for a, b in pairs], "folds"


def verdict(result: Result) -> str:
    """One honest sentence on whether the best is better than the default."""
    best, default = result.best, result.default
    if best is None:
        return "No trial gave figures: nothing was chosen."
    if best.number == default.number:
        return "No trial was better than the default: keep it."
    if default.outcome != DONE:
        return f"The default {default.outcome} ({default.reason}); the best did not."
    gap = (best.score(result.criterion) or 0.0) - (default.score(result.criterion) or 0.0)
    found, what = differences(result)
    if len(found) < 2:
        return (
            f"The best is {gap:+.3f} above the default with one seed: how much of it is luck is "
            "not known; use --repeats 3."
        )
    mean, spread = float(np.mean(found)), float(np.std(found, ddof=1))
    over = (
        f"with {len(found)} {what} it is {mean:+.3f} ± {spread:.3f} (mean and standard deviation)"
    )
    if mean <= 0:
        return f"The best is no better than the default: {over}. Keep the default."
    if mean <= spread:
        return f"The best is within the spread of the default: {over}. It may be luck."
    return f"The best is better than the default beyond the spread: {over}."


def table(result: Result) -> str:
    """The best, the default and the next few, aligned."""
    best, default = result.best, result.default
    ranked = sorted(
        (row for row in result.rows if row.outcome == DONE),
        key=lambda row: -(row.score(result.criterion) or 0.0),
    )
    others = [row for row in ranked if row not in (best, default)][:OTHERS]
    chosen = [("best", best)] if best is not None and best is not default else []
    chosen += [("default", default), *(("", row) for row in others)]
    figures = ["auc_time", "motion_gain", "effective_rank"]
    if any(row.mean("accuracy") is not None for row in result.rows):
        figures.insert(0, "accuracy")
    figures.sort(key=lambda name: name != result.criterion)
    head = ["", "trial", *default.settings, *(NAMES.get(f, "rank") for f in figures)]
    lines = [head]
    for label, row in chosen:
        cells = [label, str(row.number), *(f"{v:g}" for v in row.settings.values())]
        if row.outcome == DONE:
            cells += [_figure(row, name) for name in figures]
        else:
            cells += [row.outcome, *("" for _ in figures[1:])]
        lines.append(cells)
    widths = [max(len(line[k]) for line in lines) for k in range(len(head))]
    return "\n".join(
        "  ".join(
            cell.ljust(w) if k == 0 else cell.rjust(w)
            for k, (cell, w) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def _figure(row: Row, name: str) -> str:
    value = row.mean(name)
    if value is None:
        return "-"
    return f"{value:.{DIGITS.get(name, 3)}f}"


def text(result: Result) -> str:
    """All that is printed."""
    lines = [table(result), ""]
    lost = [row for row in result.rows if row.outcome != DONE]
    if lost:
        reasons = dict.fromkeys(f"{row.outcome}: {row.reason}" for row in lost)
        first = next(iter(reasons))
        more = f" (and {len(reasons) - 1} other reasons)" if len(reasons) > 1 else ""
        lines.append(f"{len(lost)} of {len(result.rows)} trials are not counted; {first}{more}")
    if result.criterion == AUC_TIME:
        chance = result.default.mean("auc_chance")
        if chance is not None:
            lines.append(f"AUC_time of a constant embedding: {chance:.3f}")
    if result.importance:
        shares = ", ".join(f"{name} {share:.2f}" for name, share in result.importance.items())
        lines.append(f"what it depends on (share of the importance): {shares}")
    lines.append(verdict(result))
    return "\n".join(lines)


def as_json(result: Result) -> dict[str, Any]:
    """The same for programs; what is not finite becomes null."""
    best = result.best

    def row(found: Row) -> dict[str, Any]:
        plain = dataclasses.asdict(found) | {"score": found.score(result.criterion)}
        return {name: _plain(value) for name, value in plain.items()}

    return {
        "criterion": result.criterion,
        "best": None if best is None else best.number,
        "default": result.default.number,
        "verdict": verdict(result),
        "differences": differences(result)[0],
        "importance": result.importance,
        "trials": [row(r) for r in result.rows],
        "again": [row(r) for r in result.again],
    }


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
