"""The metrics of evaluation as one would first write them in numpy: by
their definition, pair by pair.
"""

from __future__ import annotations

import numpy as np

from slowfeat_trainer.evaluation.temporal_coherence import Index
from slowfeat_trainer.metrics.equivariance import CANDIDATES, Matrix

# Of equal distances, as the metric has it.
CLOSE = 1e-9


def retrieval(start: Matrix, predicted: Matrix, actual: Matrix, pool: Matrix, seeds: int) -> float:
    """Mean reciprocal rank of the true future among the start and
    frames of the pool, over all seeds.
    """
    found = []
    for seed in range(seeds):
        drawn = np.random.default_rng(seed).integers(0, len(pool), (len(start), CANDIDATES - 2))
        for k in range(len(start)):
            others = np.concatenate([start[k : k + 1], pool[drawn[k]]])
            distance = ((others - predicted[k]) ** 2).sum(axis=1)
            true = ((actual[k] - predicted[k]) ** 2).sum()
            close = CLOSE * ((predicted[k] ** 2).sum() + (actual[k] ** 2).sum())
            tied = np.abs(distance - true) <= close
            better = (distance < true) & ~tied
            found.append(1.0 / (1.0 + better.sum() + 0.5 * tied.sum()))
    return float(np.mean(found))


def auc_time(z: Matrix, scene: Index) -> float:
    """AUC_time: precision at each relevant frame of a ranking by cosine distance, averaged."""
    areas = []
    for number in range(int(scene.max()) + 1):
        members = np.flatnonzero(scene == number)
        query = members[len(members) // 2]
        distance = np.array(
            [
                1 - z[k] @ z[query] / (np.linalg.norm(z[k]) * np.linalg.norm(z[query]))
                for k in range(len(z))
            ]
        )
        ranked = [k for k in np.argsort(distance, kind="stable") if k != query]
        hits, precisions = 0, []
        for rank, k in enumerate(ranked, 1):
            if scene[k] == number:
                hits += 1
                precisions.append(hits / rank)
        areas.append(np.mean(precisions))
    return float(np.mean(areas))


def slowness_auroc(z: Matrix, block: Index, draws: int) -> float:
    """Share of pairs of a neighbours' distance and of a distance of any two
    frames in which the first is less.
    """
    rng = np.random.default_rng(0)
    t = rng.integers(0, len(z) - 1, draws)
    u = t + rng.integers(1, 2, draws)
    near = np.linalg.norm(z[t] - z[u], axis=1)[block[t] == block[u]]
    a, b = rng.integers(0, len(z), (2, draws))
    apart = (np.abs(a - b) > 1) | (block[a] != block[b])
    far = np.linalg.norm(z[a] - z[b], axis=1)[apart]
    return float(np.mean([np.mean(d < far) + 0.5 * np.mean(d == far) for d in near]))


def effective_rank(z: Matrix) -> float:
    """The exponential of the entropy of the squared singular values."""
    values = np.linalg.svd(z - z.mean(axis=0), compute_uv=False) ** 2
    share = values / values.sum()
    return float(np.exp(-(share * np.log(share)).sum()))


def rank_correlation(a: Matrix, b: Matrix) -> float:
    """Spearman's rank correlation, each rank counted out."""
    ranks = [[np.sum(v < x) + 0.5 * (np.sum(v == x) - 1) for x in v] for v in (a, b)]
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])
