"""Recognition from one view and a second one that a policy chose, on objects seen from all around.

Half of the objects (drawn anew in each repeat) are to train the maps, the others have one or two
labelled views. From every view of these, the policy makes one of some motions; the class is
recognised from both views. Maps are refitted for every kind of feature alike, one a motion, by
ridge regression towards no change on the training objects; strength and expected error are those of
leave-two-objects-out cross-validation.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from slowfeat.geometry import Array
from slowfeat.labelled_views import Labelled
from slowfeat.view_selection import policies
from slowfeat_papers.jayaraman.view_codes import Codes

DIMENSIONS = 64
STRENGTHS = tuple(10.0**k for k in np.arange(-4.0, 1.0, 0.5))
NAMES = ("one view", "random", "hindsight", "paper", "recognition", "resemblance", "true", "oracle")
# Of a posterior, where two views vote for different classes alone.
FLOOR = 1e-6
# EVIDENCE of `resemblance` was chosen on the first draws of COIL-20: what is reported is of others.
FIRST_SEED = 1000


def _with_one(z: Array) -> Array:
    return np.concatenate([z, np.ones((*z.shape[:-1], 1))], axis=-1)


def ridge(gram: Array, cross: Array, strength: float) -> Array:
    """Affine map (D + 1, D), shrunk towards no change, from inputs' gram (D +
    1, D + 1) and cross (D + 1, D).
    """
    still = np.eye(*cross.shape)
    held = strength * float(np.trace(gram)) / len(gram) * np.eye(len(gram))
    return np.asarray(still + np.linalg.solve(gram + held, cross - gram @ still))


def fit_motion(codes: Codes, g: int) -> tuple[Array, float]:
    """The map of a motion from training objects, and its expected error on new ones."""
    where = codes.starts()
    before = _with_one(np.asarray(codes.z[tuple(where.T)], np.float64))
    after = codes.after(where, g)
    folds = [where[:, 0] // 2 == k for k in range(-(-len(codes.z) // 2))]
    grams = np.stack([before[f].T @ before[f] for f in folds])
    crosses = np.stack([before[f].T @ after[f] for f in folds])
    gram, cross = grams.sum(axis=0), crosses.sum(axis=0)
    best = (np.inf, STRENGTHS[0])
    for strength in STRENGTHS:
        total = 0.0
        for k, held in enumerate(folds):
            fitted = ridge(gram - grams[k], cross - crosses[k], strength)
            total += float(((before[held] @ fitted - after[held]) ** 2).sum())
        best = min(best, (total / len(where), strength))
    return ridge(gram, cross, best[1]), float(np.sqrt(best[0]))


def _reduced(z: Array, train: npt.NDArray[np.int64]) -> Array:
    """Principal components of the training objects, of all objects (O, E, A, DIMENSIONS)."""
    flat = z[train].reshape(-1, z.shape[-1])
    mean = flat.mean(axis=0)
    basis = np.linalg.svd(flat - mean, full_matrices=False)[2][:DIMENSIONS].T
    return np.asarray((z - mean) @ basis)


def one_repeat(
    features: Array, motions: npt.NDArray[np.int64], labels: int, seed: int
) -> dict[str, float]:
    """Accuracies of one draw of training objects and labelled views.

    Args:
        features: (objects, elevations, azimuths, D).
        motions: (G, 2) steps of elevation and azimuth.
        labels: labelled views of each class.
        seed: of the draw.
    """
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(features))
    half = len(features) // 2
    z = _reduced(features, order[:half])
    train, test = Codes(z[order[:half]], motions), Codes(z[order[half:]], motions)
    count, d = len(test.z), z.shape[-1]
    where = test.starts()
    # The labelled views themselves are no queries.
    drawn = [rng.choice(np.flatnonzero(where[:, 0] == o), labels, False) for o in range(count)]
    bank = where[np.concatenate(drawn)]
    asked = np.delete(where, np.concatenate(drawn), axis=0)
    marked = test.z[tuple(bank.T)].reshape(-1, d)
    memory = Labelled(marked, np.repeat(np.arange(count), labels), count)
    now, truth = test.z[tuple(asked.T)], asked[:, 0]
    own = policies.posterior(policies.squared_distances(now, marked), memory)
    scores: dict[str, list[Array]] = {name: [] for name in NAMES[3:7]}
    right = []
    for g in range(len(motions)):
        weights, error = fit_motion(train, g)
        seen = policies.squared_distances(test.after(asked, g), marked)
        both = (own + FLOOR) * (policies.posterior(seen, memory) + FLOOR)
        both /= both.sum(axis=1, keepdims=True)
        right.append(both.argmax(axis=1) == truth)
        p, e = _with_one(now) @ weights, np.full(len(now), error)
        pair = policies.squared_distances(now, marked) + policies.squared_distances(p, marked)
        scores["paper"].append(-policies.entropy(policies.posterior(pair, memory)))
        weighed = policies.posterior(pair + error**2, memory)
        scores["recognition"].append(-policies.entropy(weighed))
        scores["resemblance"].append(policies.resemblance(p, e, memory))
        scores["true"].append(-policies.entropy(both))
    hits = np.stack(right)
    taken = {
        name: float(np.take_along_axis(hits, np.argmax(found, axis=0)[None], 0).mean())
        for name, found in scores.items()
    }
    return {
        "one view": float((own.argmax(axis=1) == truth).mean()),
        "random": float(hits.mean()),
        "hindsight": float(hits.mean(axis=1).max()),
        **taken,
        "oracle": float(hits.any(axis=0).mean()),
    }
