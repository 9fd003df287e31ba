"""Whether changes of an embedding show the motion: pairs retrieved by their change (J
2017, fn. 11 and its figure).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from slowfeat_trainer.metrics.equivariance import Matrix

Index = npt.NDArray[np.int64]


@dataclass(frozen=True)
class PairRetrieval:
    """What was found."""

    # Mean share of the pairs found that have the query's motion, and what a random ranking gets.
    precision: float
    chance: float
    # (Q, k) rows of the bank, nearest first.
    found: Index


def pair_retrieval(
    query: Matrix,
    query_motion: Index,
    query_group: Index,
    bank: Matrix,
    bank_motion: Index,
    bank_group: Index,
    count: int = 5,
) -> PairRetrieval:
    """Rank pairs by the cosine of their change z' - z to a query's change; those of the query's own
    group are left out.

    A change of length zero is as far from all as any, in a fixed random order, so a constant code
    gets chance.

    Args:
        query: (Q, D) changes, real (z' - z) or predicted (M_g z - z).
        query_motion: (Q,) motion of each.
        query_group: (Q,) object or stretch of time that each is of.
        bank: (B, D) real changes.
        bank_motion: (B,) their motions.
        bank_group: (B,) what they are of.
        count: pairs found for each query.
    """
    order = np.random.default_rng(0).permutation(len(bank))
    similarity = np.round(_unit(query) @ _unit(bank)[order].T, 9)
    allowed = query_group[:, None] != bank_group[order][None]
    similarity[~allowed] = -np.inf
    found = order[np.argsort(-similarity, axis=1, kind="stable")[:, :count]]
    right = bank_motion[found] == query_motion[:, None]
    same = (bank_motion[order][None] == query_motion[:, None]) & allowed
    chance = same.sum(axis=1) / np.maximum(allowed.sum(axis=1), 1)
    return PairRetrieval(float(right.mean()), float(chance.mean()), found)


def _unit(changes: Matrix) -> Matrix:
    x = np.asarray(changes, np.float64)
    return np.asarray(x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-12))
