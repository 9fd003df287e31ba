"""What a measurement says: a figure beside its peer, and whether a goal is met."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from benchmarks.performance.growth import Growth
from benchmarks.performance.turns import Spread, Turns


@dataclass(frozen=True)
class Goal:
    """What was promised."""

    # Of the ratio, of our own figure, or of our figure less the peer's.
    of: Literal["ratio", "ours", "difference"]
    sense: Literal["at least", "at most"]
    bound: float

    def __str__(self) -> str:
        sign = ">=" if self.sense == "at least" else "<="
        return f"{self.of} {sign} {self.bound:g}"


@dataclass(frozen=True)
class Figure:
    """One row: ours, the peer's, and their ratio, formed round by round."""

    case: str
    # What is counted: "frames/s", "ms", "MB".
    unit: str
    ours: Spread
    peer: str
    theirs: Spread
    # Ours in units of the peer's.
    ratio: Spread
    goal: Goal | None = None
    # Ours less the peer's, round by round; None where nobody asks.
    difference: Spread | None = None

    @property
    def reached(self) -> Spread:
        """What the goal is about."""
        if self.goal is not None and self.goal.of == "ours":
            return self.ours
        if self.goal is not None and self.goal.of == "difference" and self.difference is not None:
            return self.difference
        return self.ratio

    @property
    def is_met(self) -> bool | None:
        """Whether the median meets the goal; None where there is none."""
        if self.goal is None:
            return None
        value = self.reached.median
        return (
            value >= self.goal.bound if self.goal.sense == "at least" else value <= self.goal.bound
        )


@dataclass
class Section:
    """What one part of the benchmark has found."""

    name: str
    title: str
    # What is compared with what, in a few sentences of Markdown.
    about: str
    figures: list[Figure] = field(default_factory=list)
    growth: list[Growth] = field(default_factory=list)
    # Lines of Markdown below the tables, such as why a part could not be measured.
    remarks: list[str] = field(default_factory=list)


def rate(
    case: str,
    turns: Turns,
    ours: str,
    peer: str,
    count: float,
    unit: str,
    goal: Goal | None = None,
) -> Figure:
    """A figure of speed: things a second, of calls that handle `count` of them."""
    return Figure(
        case,
        unit,
        turns.rate(ours, count),
        peer,
        turns.rate(peer, count),
        turns.speed(ours, peer),
        goal,
    )


def cost(case: str, turns: Turns, ours: str, peer: str, goal: Goal | None = None) -> Figure:
    """A figure of time in milliseconds a call."""
    a, b = ([1e3 * s for s in turns.seconds[name]] for name in (ours, peer))
    added = Spread.of([x - y for x, y in zip(a, b, strict=True)])
    return Figure(
        case, "ms", Spread.of(a), peer, Spread.of(b), turns.times(ours, peer), goal, added
    )
