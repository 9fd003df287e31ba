"""Standard errors of figures over pairs that follow each other in time.

Neighbouring pairs are nearly the same pair, so whole blocks of time are drawn again (the block
bootstrap of Künsch 1989).
"""

from __future__ import annotations

import numpy as np

from slowfeat_trainer.metrics.equivariance import Matrix

# Blocks that the pairs are divided into, at least and at most, and pairs in one at least.
BLOCKS, LEAST = 30, 5
DRAWS = 400


def ratio_se(above: Matrix, below: Matrix, seed: int = 0) -> float:
    """Standard error of sum(above) / sum(below) over pairs (P,) in the order of
    time; 0 for a handful of pairs.
    """
    count = min(BLOCKS, len(above) // LEAST)
    if count < 3:
        return 0.0
    edges = np.linspace(0, len(above), count + 1).astype(np.int64)[:-1]
    tops, bottoms = (np.add.reduceat(np.asarray(v, np.float64), edges) for v in (above, below))
    drawn = np.random.default_rng(seed).integers(0, count, (DRAWS, count))
    totals = np.maximum(bottoms[drawn].sum(axis=1), 1e-30)
    return float(np.std(tops[drawn].sum(axis=1) / totals))


def mean_se(values: Matrix, seed: int = 0) -> float:
    """Standard error of the mean of values (P,) in the order of time."""
    return ratio_se(values, np.ones(len(values)), seed)


def standard_error(values: list[float]) -> float:
    """Standard error of the mean of independent values; 0 of a single one."""
    return float(np.std(values, ddof=1) / np.sqrt(len(values))) if len(values) > 1 else 0.0
