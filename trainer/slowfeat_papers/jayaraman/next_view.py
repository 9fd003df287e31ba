"""J17, the arithmetic: which motion to make so that the second view helps most, and what that is
worth.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from slowfeat.labelled_views import Labelled
from slowfeat.view_selection.policies import entropy, posterior, squared_distances
from slowfeat_trainer.metrics.equivariance import Matrix

Index = npt.NDArray[np.int64]
# Embeddings (P, D) and the number of a motion to predictions (P, D).
Predict = Callable[[Matrix, int], Matrix]


def accuracies(
    queries: Matrix,
    query_after: Sequence[Matrix],
    bank: Matrix,
    bank_after: Sequence[Matrix],
    predict: Predict,
    query_class: Index,
    bank_class: Index,
) -> dict[str, float]:
    """Accuracy from one view, and from two of which a policy chose the second.

    The class posterior is that of the k nearest labelled pairs of the same motion to the pair
    (z(x), z(gx)); the policy has M_g z(x) in place of z(gx) and takes the g of least entropy (J
    section 4).

    Args:
        queries: (Q, D) first views.
        query_after: for each motion the true second views (Q, D).
        bank: (B, D) labelled first views.
        bank_after: for each motion their second views (B, D).
        predict: the method's map.
        query_class: (Q,).
        bank_class: (B,).

    Returns:
        "one view", "random" (the mean over motions), "policy", "truth" (the policy fed true second
        views), "oracle" (some motion is right).
    """
    memory = Labelled(
        np.asarray(bank, np.float64), bank_class, int(max(query_class.max(), bank_class.max())) + 1
    )
    first = squared_distances(queries, bank)
    right, doubt, true_doubt = [], [], []
    for g, (after, labelled) in enumerate(zip(query_after, bank_after, strict=True)):
        seen = posterior(first + squared_distances(after, labelled), memory)
        guessed = posterior(first + squared_distances(predict(queries, g), labelled), memory)
        right.append(seen.argmax(axis=1) == query_class)
        doubt.append(entropy(guessed))
        true_doubt.append(entropy(seen))
    hits = np.stack(right)
    return {
        "one view": float((posterior(first, memory).argmax(axis=1) == query_class).mean()),
        "random": float(hits.mean()),
        "policy": _taken(hits, np.stack(doubt)),
        "truth": _taken(hits, np.stack(true_doubt)),
        "oracle": float(hits.any(axis=0).mean()),
    }


def _taken(hits: npt.NDArray[np.bool_], doubt: Matrix) -> float:
    """Accuracy (a mean over queries) of the motion of least doubt (G, Q); of equals any."""
    least = doubt <= doubt.min(axis=0) + 1e-12
    return float(((hits & least).sum(axis=0) / least.sum(axis=0)).mean())
