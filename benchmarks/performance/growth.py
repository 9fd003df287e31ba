"""How a cost grows: the exponent k of cost = a size^k, by least squares on logarithms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.performance.turns import Spread

# Further above linear than this is not the noise of a fit.
TOLERANCE = 0.05


def exponent(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """The k of cost = a size^k (least squares on logarithms; at least two sizes above 0)."""
    return float(np.polyfit(np.log(sizes), np.log(costs), 1)[0])


@dataclass(frozen=True)
class Growth:
    """A cost at several sizes, round by round."""

    # Also the key of its note in notes.md.
    case: str
    # What the sizes count, and the unit of the costs.
    over: str
    unit: str
    sizes: list[float]
    # One list a round, a cost a size; likewise of the peer, where there is one.
    costs: list[list[float]]
    peer: str = ""
    peer_costs: list[list[float]] | None = None
    # The exponent that counts as linear: 1 for a size, -1 for workers.
    linear: float = 1.0

    def at(self, index: int) -> Spread:
        """The costs of one size."""
        return Spread.of([costs[index] for costs in self.costs])

    @property
    def whole(self) -> Spread:
        """The exponent over all sizes."""
        return Spread.of([exponent(self.sizes, costs) for costs in self.costs])

    @property
    def last(self) -> Spread:
        """The exponent over the two largest sizes, where what is constant matters least."""
        return Spread.of([exponent(self.sizes[-2:], costs[-2:]) for costs in self.costs])

    @property
    def peer_last(self) -> Spread | None:
        """The same of the peer."""
        if self.peer_costs is None:
            return None
        return Spread.of([exponent(self.sizes[-2:], costs[-2:]) for costs in self.peer_costs])

    @property
    def is_worse_than_linear(self) -> bool:
        """Whether either exponent lies above linear, in every round."""
        return any(self._is_above(e) and e.low > self.linear for e in (self.whole, self.last))

    def _is_above(self, exponent: Spread) -> bool:
        return exponent.median > self.linear + TOLERANCE

    def sentence(self) -> str:
        """What the exponents say, without looking beyond them."""
        if not self.is_worse_than_linear:
            above = self._is_above(self.whole) or self._is_above(self.last)
            return "linear, as far as these rounds show" if above else "no worse than linear"
        told = "worse than linear"
        peer = self.peer_last
        if peer is None:
            return told
        if peer.median > self.last.median - TOLERANCE:
            return (
                f"{told}, and so is {self.peer} ({peer.median:.2f}): it is the work or the machine"
            )
        return f"{told}, where {self.peer} has {peer.median:.2f}: the difference is ours"
