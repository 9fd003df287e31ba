"""Metrics of slowness: whether an embedding separates what is near in time from what is not.

Both are areas under curves of rankings by distance, so they know no scale: a collapsed code cannot
win them by being small. A constant gets chance, because ties count half.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from slowfeat.geometry import Array
from slowfeat_trainer.metrics.equivariance import Matrix

Index = npt.NDArray[np.int64]
# Queries ranked at once, and pairs whose distances are taken at once: what stays in the processor's
# cache.
QUERIES, PAIRS = 64, 512


def average_precision(distance: Matrix, relevant: npt.NDArray[np.bool_]) -> float:
    """Area under the precision-recall curve of a ranking by distance (M,), nearest first.

    Frames at equal distance are taken at once: each counts with the precision after all of them, so
    a constant gets the share of relevant frames.
    """
    order = np.argsort(distance, kind="stable")
    d, hit = distance[order], relevant[order]
    # Where a group of equal distances ends.
    last = np.append(np.flatnonzero(np.diff(d) > 0), len(d) - 1)
    hits = np.cumsum(hit)[last]
    precision = hits / (last + 1)
    gained = np.diff(hits, prepend=0)
    return float((precision * gained).sum() / max(hit.sum(), 1))


def temporal_coherence(z: Matrix, scene: Index) -> tuple[float, float]:
    """AUC_time of Goroshin et al. 2015: queries are the middle frames of the scenes.

    For each, all other frames are ranked by cosine distance; the area under the curve of precision
    and recall of the frames of its own scene, averaged over the queries.

    Args:
        z: (N, D) embeddings.
        scene: (N,) the scene of each frame; -1 for frames of none, which are never relevant.

    Returns:
        The area, and what a constant embedding gets (the mean share of relevant frames).
    """
    areas, chances = [], []
    for distance, relevant in _rankings(z, scene):
        areas.append(average_precision(distance, relevant))
        chances.append(float(relevant.mean()))
    return (float(np.mean(areas)), float(np.mean(chances))) if areas else (0.0, 0.0)


def temporal_precision(z: Matrix, scene: Index, recall: Array) -> Array:
    """The curve below which `temporal_coherence` is the area (G fig. 7): precision (L,) at given
    recalls (L,).

    Precision at a recall is that at the first rank which reaches it, averaged over the queries.
    Arguments as in `temporal_coherence`; recalls in (0, 1].
    """
    curves = []
    for distance, relevant in _rankings(z, scene):
        if not relevant.any():
            continue
        order = np.argsort(distance, kind="stable")
        last = np.append(np.flatnonzero(np.diff(distance[order]) > 0), len(order) - 1)
        hits = np.cumsum(relevant[order])[last]
        # In whole hits: half a hit more than none would else be no recall at all.
        at = np.searchsorted(hits, np.ceil(recall * hits[-1] - 1e-9), side="left")
        curves.append((hits / (last + 1))[at])
    return np.asarray(np.mean(curves, axis=0)) if curves else np.zeros(len(recall))


def _rankings(z: Matrix, scene: Index) -> Iterator[tuple[Matrix, npt.NDArray[np.bool_]]]:
    """For the middle frame of each scene: cosine distances (N - 1,) of all
    others, and which are of its scene.
    """
    unit = np.asarray(z, np.float64)
    unit = unit / np.maximum(np.linalg.norm(unit, axis=1, keepdims=True), 1e-12)
    members = [np.flatnonzero(scene == k) for k in range(int(scene.max(initial=-1)) + 1)]
    queries = np.array([mine[len(mine) // 2] for mine in members], dtype=np.int64)
    # Many queries at once, or each would bring all embeddings into the processor again.
    for first in range(0, len(queries), QUERIES):
        block = queries[first : first + QUERIES]
        # Rounded, or frames that are equal would be ranked by rounding errors.
        distances = np.round(1.0 - unit[block] @ unit.T, 9)
        for number, (query, distance) in enumerate(zip(block, distances, strict=True), first):
            yield np.delete(distance, query), np.delete(scene == number, query)


def slowness_auroc(
    z: Matrix, block: Index, neighbourhood: int = 1, seed: int = 0, draws: int = 20_000
) -> float:
    """Slowness AUROC of Jayaraman & Grauman 2017 (fig. 12): how well distances separate neighbours
    from others.

    The probability that two frames at most `neighbourhood` apart are closer (l2) than two frames
    drawn from the whole part; a tie counts half. 0.5 is chance.

    Args:
        z: (N, D) embeddings in the order of time.
        block: (N,) stretches of time that belong together.
        neighbourhood: frames.
        seed: of the draws.
        draws: pairs of each kind.
    """
    rng = np.random.default_rng(seed)
    t = rng.integers(0, len(z) - neighbourhood, draws)
    u = t + rng.integers(1, neighbourhood + 1, draws)
    same = block[t] == block[u]
    near = _distances(z, t[same], u[same])
    a, b = rng.integers(0, len(z), (2, draws))
    apart = (np.abs(a - b) > neighbourhood) | (block[a] != block[b])
    far = np.sort(_distances(z, a[apart], b[apart]))
    below = np.searchsorted(far, near, side="left")
    equal = np.searchsorted(far, near, side="right") - below
    return float(1.0 - np.mean(below + 0.5 * equal) / max(len(far), 1))


def _distances(z: Matrix, one: Index, other: Index) -> Matrix:
    """l2 distances (P,) of the embeddings of pairs (P,), (P,)."""
    starts = range(0, len(one), PAIRS)
    parts = [
        np.linalg.norm(z[one[k : k + PAIRS]] - z[other[k : k + PAIRS]], axis=1) for k in starts
    ]
    return np.concatenate([np.zeros(0), *parts])
