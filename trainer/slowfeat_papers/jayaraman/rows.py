"""What is measured of each method, and the table with the published figures beside ours."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from slowfeat.files import write_whole
from slowfeat_papers.jayaraman.networks import Learned
from slowfeat_papers.material.part import Table
from slowfeat_papers.measures.rank_agreement import Order, compare_order
from slowfeat_trainer.data.motion_patterns import MotionPatterns
from slowfeat_trainer.data.pairs import Pairs, Split
from slowfeat_trainer.evaluation.compare import (
    Embed,
    HeldOutPairs,
    Remembered,
    judge,
    refitted,
    wrong_motions,
)
from slowfeat_trainer.metrics.equivariance import Matrix, effective_rank

Row = dict[str, float]
# Figures of a method, a row for each seed.
Rows = dict[str, list[Row]]

HEADS = {
    "rho": "rho atomic",
    "rho_composite": "rho composite",
    "r2": "R^2",
    "gain": "motion gain",
    "mrr": "MRR",
    "own_rho": "rho, own map",
    "own_gain": "gain, own map",
    "rank": "eff. rank",
    "knn": "k-NN %",
    "linear": "linear %",
}
# An order as good as ours may come about by chance this often, and still be said to agree.
BY_CHANCE = 0.1
# A rho above this is a quotient by almost nothing: most frames have one and the same code.
EXPLODED = 100
LESS_IS_BETTER = ("rho", "rho_composite", "own_rho")


@dataclass(frozen=True)
class Column:
    """A column of published figures."""

    head: str
    # Whose figures they are beside, a key of the rows.
    key: str
    figures: Mapping[str, float]


def equivariance_row(
    embed: Embed,
    split: Split,
    patterns: MotionPatterns,
    predict: Callable[[Matrix, np.ndarray], Matrix] | None = None,
) -> Row:
    """rho, R^2, gain and MRR with maps refitted by ridge, and with the learned map where there is
    one.

    Args:
        embed: the code.
        split: what fits the maps, what chooses their strength, what is measured on.
        patterns: one map for each is refitted.
        predict: the method's own map.
    """
    embed = Remembered(embed)
    pairs = HeldOutPairs.of(split.test)
    found = refitted(embed, split, patterns, pairs)["refitted"]
    z = embed(split.test.frames)
    row = {
        "rho": found.rho,
        "rho_composite": found.rho_composite if found.rho_composite is not None else float("nan"),
        "r2": found.r2,
        "gain": found.motion_gain or 0.0,
        "mrr": found.mrr,
        "rank": effective_rank(z),
    }
    if predict is not None:

        def own(start: Matrix, p: Pairs) -> Matrix:
            return predict(start, p.motions)

        wrong = predict(z[pairs.single.before], wrong_motions(pairs))
        learned = judge(z, pairs, own, wrong)
        row |= {"own_rho": learned.rho, "own_gain": learned.motion_gain or 0.0}
    return row


def kept(file: Path, measure: Callable[[], Row]) -> Row:
    """A row that was measured before, or now."""
    if not file.is_file():
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, json.dumps(measure(), indent=2))
    return dict(json.loads(file.read_text(encoding="utf-8")))


def row_of(learned: Learned, where: str, measure: Callable[[], Row]) -> Row:
    """Figures of a network, kept beside its weights: measured again when it is trained anew."""
    return kept(learned.folder / f"row_{where}.json", measure)


def mean(rows: Sequence[Row], key: str) -> float:
    """Mean over seeds; not a number where the method has no such figure."""
    values = [row[key] for row in rows if key in row]
    return float(np.mean(values)) if values else float("nan")


def cell(rows: Sequence[Row], key: str) -> str:
    """Mean, and standard deviation over seeds where there are several."""
    values = [row[key] for row in rows if key in row and np.isfinite(row[key])]
    if not values:
        return "-"
    if max(abs(v) for v in values) > EXPLODED:
        return f"> {EXPLODED:g}"
    digits = 1 if key in ("rank", "knn", "linear") else 3
    scale = 100 if key in ("knn", "linear") else 1
    text = f"{scale * np.mean(values):.{digits}f}"
    error = f"{key}_error"
    if len(values) > 1:
        return f"{text} ±{scale * np.std(values, ddof=1):.{digits}f}"
    # Of a single training: the standard error over draws of the labels.
    if error in rows[0]:
        return f"{text} (s.e. {scale * rows[0][error]:.1f})"
    return text


def table(title: str, rows: Rows, keys: Sequence[str], published: Sequence[Column]) -> Table:
    """Our figures, a row a method, and the published ones behind them."""
    shown = [k for k in keys if any(k in row for found in rows.values() for row in found)]
    head = ["method", *(HEADS[k] for k in shown), *(c.head for c in published)]
    body = []
    for name, found in rows.items():
        theirs = [f"{c.figures[name]:g}" if name in c.figures else "-" for c in published]
        body.append([name, *(cell(found, k) for k in shown), *theirs])
    return Table(title, head, body)


def order_of(rows: Rows, column: Column) -> Order:
    """How far the order of our methods is the published one."""
    ours = {name: mean(found, column.key) for name, found in rows.items()}
    return compare_order({n: v for n, v in ours.items() if np.isfinite(v)}, column.figures)


def agrees(order: Order) -> bool:
    """Whether an order agrees: a random one would do as well in at most one of ten cases."""
    return order.chance <= BY_CHANCE


def better(rows: Rows, one: str, other: str, key: str) -> bool:
    """Whether a method beats another in a figure."""
    sign = -1 if key in LESS_IS_BETTER else 1
    return sign * mean(rows[one], key) > sign * mean(rows[other], key)


def clearly(rows: Rows, one: str, other: str, key: str) -> bool:
    """Whether a method beats another in a figure by more than the
    standard errors over draws allow.
    """
    error = np.hypot(mean(rows[one], f"{key}_error"), mean(rows[other], f"{key}_error"))
    return bool(mean(rows[one], key) - mean(rows[other], key) > error)


def versus(rows: Rows, one: str, other: str, key: str) -> str:
    """Both figures in words: "rho atomic .61 against .70 of drlim"."""
    return f"{HEADS[key]} {cell(rows[one], key)} against {cell(rows[other], key)} of {other}"
