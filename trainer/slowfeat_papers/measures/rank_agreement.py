"""Whether two tables put methods into the same order: what is comparable
where data and budgets differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations, permutations

import numpy as np

# More methods than this are compared with random orders instead of all of them.
ALL_ORDERS = 8
DRAWS = 20_000


@dataclass(frozen=True)
class Order:
    """How alike two orders of the same methods are."""

    # Pairs of methods that both tables order alike, of the pairs that the published one orders.
    agreeing: int
    pairs: int
    # Kendall's tau: (agreeing - disagreeing) / pairs; 1 the same order, 0 chance, -1 reversed.
    tau: float
    # Share of all orders that agree as well or better: what a random order would get so.
    chance: float

    def __str__(self) -> str:
        return (
            f"{self.agreeing} of {self.pairs} pairs in the published order, Kendall's tau "
            f"{self.tau:+.2f} (as good by chance: {self.chance:.0%})"
        )


def compare_order(ours: Mapping[str, float], published: Mapping[str, float]) -> Order:
    """Compare the order of the methods that two tables share; a tie of ours agrees and disagrees by
    half.

    Args:
        ours: figure by method.
        published: likewise, the larger the better in both or in neither.
    """
    names = [name for name in published if name in ours]
    ranks = np.array([ours[name] for name in names], np.float64)
    theirs = np.array([published[name] for name in names], np.float64)
    told = [(i, j) for i, j in combinations(range(len(names)), 2) if theirs[i] != theirs[j]]
    score, agreeing = _score(ranks, theirs, told)
    if not told:
        return Order(0, 0, 0.0, 1.0)
    if len(names) <= ALL_ORDERS:
        orders = [np.array(p) for p in permutations(range(len(names)))]
    else:
        rng = np.random.default_rng(0)
        orders = [rng.permutation(len(names)) for _ in range(DRAWS)]
    as_good = np.mean([_score(order, theirs, told)[0] >= score - 1e-9 for order in orders])
    return Order(agreeing, len(told), score / len(told), float(as_good))


def _score(
    a: np.ndarray[tuple[int, ...], np.dtype[np.float64 | np.int64]],
    b: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    told: list[tuple[int, int]],
) -> tuple[float, int]:
    """Agreeing minus disagreeing pairs, and the agreeing ones."""
    signs = [float(np.sign(a[i] - a[j]) * np.sign(b[i] - b[j])) for i, j in told]
    return sum(signs), sum(sign > 0 for sign in signs)
