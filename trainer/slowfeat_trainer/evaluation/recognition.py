"""Metrics of recognition: whether neighbours in an embedding are of one class.

Queries and the bank they are looked up in are different frames; cosine distance, which knows no
scale.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from slowfeat_trainer.metrics.equivariance import Matrix

Index = npt.NDArray[np.int64]

# Queries at a time: all distances to a large bank at once would not fit in memory.
BLOCK = 1024


def class_coherence(
    query: Matrix, query_class: Index, bank: Matrix, bank_class: Index, neighbours: int = 40
) -> float:
    """AUC_class of Goroshin et al. 2015: the share of a query's class among its nearest k, averaged
    over k.

    k goes from 1 to `neighbours` (G: 40). A constant embedding gets the share of the class in the
    bank.

    Args:
        query: (Q, D) embeddings.
        query_class: (Q,) their classes.
        bank: (B, D) embeddings to look up.
        bank_class: (B,) their classes.
        neighbours: of each query; fewer where the bank has fewer.
    """
    return float(class_precision(query, query_class, bank, bank_class, neighbours).mean())


def class_precision(
    query: Matrix, query_class: Index, bank: Matrix, bank_class: Index, neighbours: int = 40
) -> npt.NDArray[np.float64]:
    """The curve (K,) below which `class_coherence` is the area (G fig. 7): precision of the nearest
    1, 2, ... K.

    Arguments as there.
    """
    curves = []
    for rows, found in _nearest(query, bank, min(neighbours, len(bank))):
        same = bank_class[found] == query_class[rows, None]
        curves.append(same.cumsum(axis=1) / np.arange(1, same.shape[1] + 1))
    return np.asarray(np.concatenate(curves).mean(axis=0))


def knn_accuracy(
    query: Matrix, query_class: Index, bank: Matrix, bank_class: Index, neighbours: int = 5
) -> float:
    """Share of queries whose nearest k vote for their class; of tied classes the nearer neighbour
    decides.

    Arguments as in `class_coherence`.
    """
    right = []
    count = int(max(bank_class.max(), query_class.max())) + 1
    for rows, found in _nearest(query, bank, min(neighbours, len(bank))):
        votes = np.zeros((len(found), count))
        # Each vote a little lighter than the nearer one's: together they never outweigh a whole
        # vote.
        weights = 1 - np.arange(found.shape[1]) / (2.0 * found.shape[1] ** 2)
        for rank, weight in enumerate(weights):
            votes[np.arange(len(found)), bank_class[found[:, rank]]] += weight
        right.append(votes.argmax(axis=1) == query_class[rows])
    return float(np.concatenate(right).mean())


def _nearest(query: Matrix, bank: Matrix, count: int) -> Iterator[tuple[slice, Index]]:
    """For blocks of queries, the rows of their nearest (Q, count), nearest first;
    ties in a fixed random order.
    """
    # Ties must not go to whatever stands first, often a whole class.
    order = np.random.default_rng(0).permutation(len(bank))
    shuffled = _unit(bank)[order]
    unit = _unit(query)
    for first in range(0, len(query), BLOCK):
        rows = slice(first, first + BLOCK)
        # Rounded, or frames that are equal would be ranked by rounding errors.
        distance = np.round(1.0 - unit[rows] @ shuffled.T, 9)
        yield rows, order[np.argsort(distance, axis=1, kind="stable")[:, :count]]


def _unit(z: Matrix) -> Matrix:
    z = np.asarray(z, np.float64)
    return np.asarray(z / np.maximum(np.linalg.norm(z, axis=1, keepdims=True), 1e-12))
