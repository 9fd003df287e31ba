"""Numbers on the command line: each has bounds, so -1, nan, inf and 1e308 are refused alike."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import Generic, TypeVar

Number = TypeVar("Number", int, float)
# The largest seed that every library of ours takes.
MOST_SEED = 2**31 - 1
# A day, in seconds: nothing that is made or replayed lasts longer.
DAY_S = 86400.0
# What is shown of a value that is no number.
SHOWN = 40


@dataclass(frozen=True)
class Within(Generic[Number]):
    """The `type` of a flag that takes a number within [low, high], in the flag's own unit."""

    kind: type[Number]
    low: Number
    high: Number

    def __call__(self, text: str) -> Number:
        """The number.

        Raises:
            argparse.ArgumentTypeError: the text is no number, or one out of bounds.
        """
        try:
            value = self.kind(text)
        except (ValueError, OverflowError):
            what = "a whole number" if self.kind is int else "a number"
            raise argparse.ArgumentTypeError(
                f"is {text[:SHOWN]!r}; it must be {what} within {self.bounds}"
            ) from None
        if not self.low <= value <= self.high:
            raise argparse.ArgumentTypeError(
                f"is {text.strip()[:SHOWN]}; it must lie within {self.bounds}"
            )
        return value

    @property
    def bounds(self) -> str:
        """As it is said to the user."""
        return f"[{self.low:.10g}, {self.high:.10g}]"


def whole(low: int, high: int) -> Within[int]:
    """A flag's type: a whole number within [low, high]."""
    return Within(int, low, high)


def number(low: float, high: float) -> Within[float]:
    """A flag's type: a finite number within [low, high], in the flag's own unit."""
    return Within(float, low, high)


# The seed of what a command draws.
SEED = whole(0, MOST_SEED)
