"""What the table says about the rows of the checklist (Goroshin et al. 2015, section 5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from slowfeat_papers.goroshin.encoders import (
    PIXELS,
    PUBLISHED_NAMES,
    SPARSE,
    UNTRAINED_1,
    UNTRAINED_2,
    ZCA,
)
from slowfeat_papers.material.finding_phrases import mean
from slowfeat_papers.material.part import Finding
from slowfeat_papers.measures.rank_agreement import Order, compare_order

TIME, CLASS = "AUC_time", "AUC_class"
# Kendall's tau from which an order is called the same: at least 12 of 15 pairs.
SAME_ORDER = 0.6
# AUC of time and class as published; what is not in the table has none.
PUBLISHED = {
    "goroshin_1": (0.262, 0.296),
    "goroshin_2": (0.300, 0.310),
    "drlim_1": (0.188, 0.221),
    "drlim_2": (0.378, 0.268),
    "group_1": (0.231, 0.266),
    "group_2": (0.285, 0.281),
}


@dataclass
class Measured:
    """Figures of one column."""

    # Row -> a figure a seed, and its chance value.
    values: dict[str, list[float]] = field(default_factory=dict)
    chance: float = 0.0

    def add(self, row: str, value: float) -> None:
        """One seed more."""
        self.values.setdefault(row, []).append(value)

    def mean(self, row: str) -> float:
        """Mean over seeds."""
        return mean(self.values[row])

    def published(self) -> dict[str, float]:
        """Means of the methods that the paper's table has, by preset."""
        return {preset: self.mean(row) for preset, row in PUBLISHED_NAMES.items()}


def findings(time: Measured, of_class: Measured, queries: int, kind: str) -> list[Finding]:
    """A sentence a row, from the means over seeds."""
    t = {**time.published(), **_others(time)}
    c = {**of_class.published(), **_others(of_class)}

    def both(*names: str) -> str:
        known = {**PUBLISHED_NAMES, **{name: name for name in _others(time)}}
        return ", ".join(f"{known[name]} {t[name]:.3f}/{c[name]:.3f}" for name in names)

    def above(better: str, worse: str) -> bool:
        return t[better] > t[worse] and c[better] > c[worse]

    order_t, order_c = _order(t, 0), _order(c, 1)
    return [
        Finding(
            "G9",
            f"Time/class: {both('goroshin_1', 'drlim_1', 'group_1', UNTRAINED_1)}; the paper has "
            "slowness ahead of both others in both.",
            above("goroshin_1", "drlim_1") and above("goroshin_1", "group_1"),
        ),
        Finding(
            "G10",
            f"Time/class: {both('goroshin_1', 'goroshin_2', UNTRAINED_2)}; in the paper the "
            "second layer gains in both.",
            above("goroshin_2", "goroshin_1"),
        ),
        Finding(
            "G11",
            f"Time/class: {both('group_1', 'group_2')}; in the paper both stay below slowness, "
            "and layer 2 is better.",
            above("group_2", "group_1")
            and above("goroshin_1", "group_1")
            and above("goroshin_2", "group_2"),
        ),
        Finding("G12", f"Time/class: {both(SPARSE, 'goroshin_1')}; no published areas.", None),
        Finding(
            "G13",
            f"Time/class: {both('drlim_1', 'drlim_2')}; in the paper layer 1 is the last of all "
            "in both, the joint two layers the first in time and fourth in class.",
            _first(t) == "drlim_2" and _last(t) == "drlim_1" and _last(c) == "drlim_1",
        ),
        Finding(
            "G16",
            f"A constant code gets {time.chance:.3f}, pixels {t[PIXELS]:.3f}, the best of the six "
            f"{max(t[p] for p in PUBLISHED):.3f} ({PUBLISHED_NAMES[_first(t)]}). Order: {order_t}.",
            order_t.tau >= SAME_ORDER,
        ),
        Finding(
            "G17",
            f"{kind}, {queries} queries: a constant code gets {of_class.chance:.3f}, pixels "
            f"{c[PIXELS]:.3f}, the best of the six {max(c[p] for p in PUBLISHED):.3f} "
            f"({PUBLISHED_NAMES[_first(c)]}). Order: {order_c}.",
            order_c.tau >= SAME_ORDER,
        ),
        Finding(
            "G18",
            f"Time/class: {both(PIXELS, ZCA)}; slowness layer 2 "
            f"{t['goroshin_2']:.3f}/{c['goroshin_2']:.3f} (the paper shows only that pixel "
            "neighbours look worse).",
            above("goroshin_2", PIXELS) and above("goroshin_2", ZCA),
        ),
        Finding(
            "G21",
            f"Curves below; the highest area in time has {PUBLISHED_NAMES[_first(t)]} (paper: "
            f"DrLIM, layer 2), in class {PUBLISHED_NAMES[_first(c)]} (paper: slow, layer 2).",
            _first(t) == "drlim_2" and _first(c) == "goroshin_2",
        ),
        Finding(
            "G23",
            f"Time: {order_t}. Class: {order_c}. What is called the same order is a tau of "
            f"{SAME_ORDER} in both.",
            min(order_t.tau, order_c.tau) >= SAME_ORDER,
        ),
    ]


def _others(column: Measured) -> dict[str, float]:
    return {name: column.mean(name) for name in (SPARSE, UNTRAINED_1, UNTRAINED_2, PIXELS, ZCA)}


def _order(ours: Mapping[str, float], which: int) -> Order:
    return compare_order(ours, {preset: figures[which] for preset, figures in PUBLISHED.items()})


def _first(figures: Mapping[str, float]) -> str:
    return max(PUBLISHED, key=lambda preset: figures[preset])


def _last(figures: Mapping[str, float]) -> str:
    return min(PUBLISHED, key=lambda preset: figures[preset])
