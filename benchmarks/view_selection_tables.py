"""The tables of docs/view_selection.md, from the figures that were measured."""

from __future__ import annotations

import math
import platform
from collections import defaultdict
from typing import Any

import numpy as np
from view_selection_closed import BUDGET_M, MOST_MOVES
from view_selection_offline import NAMES

Figures = dict[str, Any]
# Motions after which the share of goals reached is told.
WITHIN = (4, 8, MOST_MOVES)
# That the others are compared with, in the same episodes.
OURS = "slowfeat: goal, 3 steps"


def interval(hits: int, count: int) -> tuple[float, float]:
    """Wilson's 95 % confidence interval of a share."""
    z, p = 1.96, hits / count
    middle = (p + z * z / (2 * count)) / (1 + z * z / count)
    half = z * math.sqrt(p * (1 - p) / count + z * z / (4 * count * count)) / (1 + z * z / count)
    return middle - half, middle + half


def grouped(figures: Figures, kind: str, places: list[int]) -> dict[tuple[str, ...], list[Any]]:
    """Figures of a kind by some parts of their keys."""
    groups: dict[tuple[str, ...], list[Any]] = defaultdict(list)
    for key, value in figures.items():
        parts = key.split("|")
        if parts[0] == kind:
            groups[tuple(parts[i] for i in places)].append(value)
    return groups


def mean_and_error(values: list[float], factor: float = 1.0, digits: int = 1) -> str:
    """Mean and its standard error."""
    a = factor * np.array(values, dtype=np.float64)
    error = a.std(ddof=1) / math.sqrt(len(a)) if len(a) > 1 else math.nan
    return f"{a.mean():.{digits}f} ± {error:.{digits}f}"


def way_gained(rows: list[dict[str, float]], name: str = "resemblance") -> tuple[float, float]:
    """How much of the way from random to `true` a policy goes, and its
    standard error by the jackknife.
    """

    def share(some: list[dict[str, float]]) -> float:
        mean = {n: float(np.mean([row[n] for row in some])) for n in ("random", "true", name)}
        return (mean[name] - mean["random"]) / max(mean["true"] - mean["random"], 1e-9)

    n = len(rows)
    if n < 2:
        return share(rows), math.nan
    left_out = np.array([share(rows[:i] + rows[i + 1 :]) for i in range(n)])
    return share(rows), float(np.sqrt((n - 1) / n * ((left_out - left_out.mean()) ** 2).sum()))


def offline(figures: Figures) -> list[str]:
    """Recognition from two views."""
    found = grouped(figures, "offline", [1, 2, 3])
    if not found:
        return []
    lines = ["Accuracy in per cent, mean ± standard error over the repeats:\n"]
    lines.append(f"| set | features | labels | repeats | {' | '.join(NAMES)} | gained |")
    lines.append("|---" * (len(NAMES) + 5) + "|")
    for (where, kind, labels), rows in sorted(found.items()):
        cells = [mean_and_error([row[name] for row in rows], 100) for name in NAMES]
        share, error = way_gained(rows)
        cells.append(f"{share:.2f} ± {error:.2f}")
        lines.append(f"| {where} | {kind} | {labels} | {len(rows)} | {' | '.join(cells)} |")
    return [*lines, ""]


def goals(figures: Figures) -> list[str]:
    """Goals reached."""
    found = grouped(figures, "goal", [1])
    if not found:
        return []
    head = " | ".join(f"within {n}" for n in WITHIN)
    head += f" | {OURS}, more by"
    lines = [f"| policy | episodes | {head} | motions when reached |", "|---" * 7 + "|"]
    reached_by: dict[str, dict[str, float]] = defaultdict(dict)
    for key, made in figures.items():
        kind, _, rest = key.partition("|")
        if kind == "goal":
            policy, _, episode = rest.partition("|")
            reached_by[policy][episode] = float(made > 0)
    for (policy,), rows in found.items():
        cells = []
        for most in WITHIN:
            hits = sum(0 < made <= most for made in rows)
            low, high = interval(hits, len(rows))
            cells.append(f"{hits / len(rows):.0%} ({low:.0%} to {high:.0%})")
        both = sorted(reached_by[policy].keys() & reached_by[OURS].keys())
        more = [reached_by[OURS][k] - reached_by[policy][k] for k in both]
        cells.append(
            "-" if policy == OURS or not both else mean_and_error(more, 100, 0) + " points"
        )
        reached = [made for made in rows if made]
        mean = f"{np.mean(reached):.1f}" if reached else "-"
        lines.append(f"| {policy} | {len(rows)} | {' | '.join(cells)} | {mean} |")
    return [*lines, ""]


def paired(figures: Figures, kind: str, value: str) -> dict[str, dict[str, float]]:
    """A figure by policy and by episode (map and seed)."""
    table: dict[str, dict[str, float]] = defaultdict(dict)
    for key, found in figures.items():
        parts = key.split("|")
        if parts[0] == kind:
            table[parts[1]]["|".join(parts[2:])] = float(found[value])
    return table


def covers(figures: Figures) -> list[str]:
    """What was covered, beside chance in the same episodes."""
    found = grouped(figures, "cover", [1])
    if not found:
        return []
    head = (
        "| policy | episodes | places a metre | more than random | motions for it | places a "
        "motion | views a metre |"
    )
    lines = [head, "|---" * 7 + "|"]
    by_episode = paired(figures, "cover", "places")
    for (policy,), rows in found.items():
        both = sorted(by_episode[policy].keys() & by_episode["random"].keys())
        more = [by_episode[policy][k] - by_episode["random"][k] for k in both]
        cells = [
            mean_and_error([r["places"] / BUDGET_M for r in rows], digits=2),
            "-" if policy == "random" else mean_and_error(more, 1 / BUDGET_M, 2),
            mean_and_error([r["moves"] for r in rows], digits=0),
            mean_and_error([r["places"] / r["moves"] for r in rows], digits=2),
            mean_and_error([r["views"] / BUDGET_M for r in rows], digits=2),
        ]
        lines.append(f"| {policy} | {len(rows)} | {' | '.join(cells)} |")
    return [*lines, ""]


def latency(figures: Figures) -> list[str]:
    """Times of a decision."""
    found = grouped(figures, "latency", [1, 2, 3])
    if not found:
        return []
    head = (
        "| decision | policy | D | rounds | bare transform.onnx, ms | decision, ms | ratio (range "
        "of the middle half) |"
    )
    lines = [head, "|---" * 7 + "|"]
    for (name, policy, d), (times,) in found.items():
        pairs = np.array(times).reshape(-1, 2)
        bare, took = np.median(pairs, axis=0)
        low, middle, high = np.percentile(pairs[:, 1] / pairs[:, 0], [25, 50, 75])
        lines.append(
            f"| {name} | {policy} | {d} | {len(pairs)} | {bare:.1f} | {took:.1f} | "
            f"{middle:.2f} ({low:.2f} to {high:.2f}) |"
        )
    return [*lines, ""]


def tables(figures: Figures) -> str:
    """All that was measured, as Markdown."""
    machine = f"Machine: {platform.machine()}, Python {platform.python_version()}.\n"
    parts = [*offline(figures), *goals(figures), *covers(figures), *latency(figures)]
    return "\n".join([machine, *parts])
