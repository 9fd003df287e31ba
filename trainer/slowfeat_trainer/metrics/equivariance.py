"""Metrics of equivariance, as pure functions on arrays.

P pairs, D dimensions; z is the embedding before the motion, z' after it, and p what a map predicts
for z'. Each figure alone can be gamed: rho by noise, R^2 by slowness, retrieval by no change.
They are always shown together, beside "copy" (p = z) and "blind" (the best map that knows no
motion).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.floating]

CANDIDATES = 100
BLOCK = 512


def errors(predicted: Matrix, actual: Matrix) -> Matrix:
    """l2 distance (P,) of the rows of two matrices (P, D)."""
    return np.asarray(np.linalg.norm(predicted - actual, axis=1))


def equivariance_error(start: Matrix, predicted: Matrix, actual: Matrix) -> float:
    """Normalised equivariance error rho (J*): mean of ||p - z'|| / ||z - z'||; 1 is no better than
    the copy baseline.

    The denominator is floored at a tenth of its median, or near-identical frames explode it.
    Matrices are (P, D).
    """
    moved = errors(start, actual)
    floor = max(0.1 * float(np.median(moved)), 1e-12)
    return float(np.mean(errors(predicted, actual) / np.maximum(moved, floor)))


def variance_explained(predicted: Matrix, actual: Matrix) -> float:
    """R^2 of z' (P, D): 1 - SSE / total sum of squares about the mean; 0 where z' does not vary."""
    total = float(((actual - actual.mean(axis=0)) ** 2).sum())
    return 1.0 - float(((predicted - actual) ** 2).sum()) / total if total > 0 else 0.0


def motion_gain(predicted: Matrix, blind: Matrix, actual: Matrix) -> float:
    """1 - SSE(map given the motion) / SSE(a map that is blind to it); 0 means that the motion is of
    no use.

    `blind` is the prediction of the best blind map when both are refitted, or that of the same map
    fed a wrong motion when the map is learned. 0 where the blind map is already exact.
    """
    wrong = float(((blind - actual) ** 2).sum())
    scale = max(float((actual**2).sum()), 1e-30)
    return 1.0 - float(((predicted - actual) ** 2).sum()) / wrong if wrong > 1e-12 * scale else 0.0


def composition_error(start: Matrix, twice: Matrix, direct: Matrix) -> float:
    """How far a map is from respecting the group of motions: mean of ||T(h) T(g) z - T(g h) z||
    / ||T(g h) z - z||.

    0 where two motions one after the other are predicted as the composed motion is. The truth plays
    no part in it: a map that does nothing respects every group, so it says something only beside
    rho. The denominator is floored like rho's.

    Args:
        start: (P, D) z.
        twice: (P, D) the map applied with g and then with h.
        direct: (P, D) the map applied once, with the composed motion.
    """
    return equivariance_error(start, twice, direct)


@dataclass(frozen=True)
class Retrieval:
    """How high the true future frame ranks."""

    # Mean reciprocal rank.
    mrr: float
    # Share of pairs whose true future ranks first.
    hit_at_1: float
    # (P,) reciprocal rank of each pair.
    reciprocal: Matrix


def transform_retrieval(
    start: Matrix, predicted: Matrix, actual: Matrix, pool: Matrix, seeds: int
) -> list[Retrieval]:
    """Rank the true future among 100 frames by l2 distance to the prediction, for each of some
    seeds.

    The candidates of a pair are the true future, the start and 98 frames drawn from `pool` (M, D),
    the embeddings of the test part, with a fixed seed. A tie counts half. "Copy" (p = z) finds the
    start first, so it reaches .5 at most.
    """
    reciprocal = np.zeros((seeds, len(start)))
    draws = [
        np.random.default_rng(seed).integers(0, len(pool), (len(start), CANDIDATES - 2))
        for seed in range(seeds)
    ]
    pool = np.asarray(pool, np.float64)
    pool_size = (pool**2).sum(axis=1)
    # A block of pairs at a time: the distances to the whole pool of a long bag would not fit in
    # memory.
    for first in range(0, len(start), BLOCK):
        rows = slice(first, first + BLOCK)
        p, true = np.asarray(predicted[rows], np.float64), np.asarray(actual[rows], np.float64)
        size = (p**2).sum(axis=1)
        # Of |p|^2 + |q|^2 - 2 p q the last for all frames of the pool at once; those that were
        # drawn are looked up.
        along = 2 * p @ pool.T
        to_start, to_true = ((p - start[rows]) ** 2).sum(axis=1), ((p - true) ** 2).sum(axis=1)
        # Within this two distances are equal but for rounding.
        close = 1e-9 * (size + (true**2).sum(axis=1) + 1e-300)[:, None]
        for seed, drawn in enumerate(draws):
            here = drawn[rows]
            others = size[:, None] + pool_size[here] - np.take_along_axis(along, here, axis=1)
            ahead = to_true[:, None] - np.concatenate([to_start[:, None], others], axis=1)
            better, tied = (ahead > close).sum(axis=1), (np.abs(ahead) <= close).sum(axis=1)
            reciprocal[seed, rows] = 1.0 / (1.0 + better + 0.5 * tied)
    return [Retrieval(float(r.mean()), float(np.mean(r >= 1.0)), r) for r in reciprocal]


def effective_rank(embeddings: Matrix) -> float:
    """The exponential of the entropy of the covariance's normalised eigenvalues; 1
    is collapsed, D is isotropic.
    """
    centred = np.asarray(embeddings, np.float64) - np.mean(embeddings, axis=0, dtype=np.float64)
    # The smaller of the two Gram matrices has the same eigenvalues.
    gram = centred.T @ centred if centred.shape[1] <= len(centred) else centred @ centred.T
    values = np.clip(np.linalg.eigvalsh(gram), 0.0, None)
    if values.sum() <= 0:
        return 0.0
    share = values[values > 0] / values.sum()
    return float(np.exp(-(share * np.log(share)).sum()))


def rms(values: Matrix) -> float:
    """Root mean square."""
    return float(np.sqrt(np.mean(np.asarray(values, np.float64) ** 2)))


def rank_correlation(a: Matrix, b: Matrix) -> float:
    """Spearman's rank correlation of two vectors (P,); 0 where one
    is constant. Ties are averaged.
    """
    ranks = [_ranks(v) for v in (a, b)]
    spread = [r.std() for r in ranks]
    if min(spread) == 0:
        return 0.0
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])


def _ranks(values: Matrix) -> npt.NDArray[np.float64]:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[inverse], dtype=np.float64)
