"""What a predicted view is worth to the robot: one score a view, higher is better.

How the expected error e (the l2 distance between prediction and truth to be expected, its root mean
square) enters, and why not alike in all of them. A prediction p and a true view t = p + noise of
mean square e^2:

- `goal` asks how likely the true view is to be the wanted one. So a view that is known to be
  another one is worth less than one that is not known: behind the robot's back the goal may still
  be;
- `recognition` wants to *be* close to labelled views, and the squared distance of the true view to
  a fixed point m is
  |p - m|^2 + e^2 on average. A view that may be off counts as that much farther away;
- `surprise` is e itself: new is a place whose view cannot be predicted from the nearest place the
  robot was at. It needs to know where that was (recall.py). Where odometry does not say how the
  robot moved since then, `novelty` has only the views to compare: what shows that a place is new is
  the distance that the error does not explain. Else the motion that the bundle knows least about
  would always look newest, so it takes e off;
- a view that is hard to predict from this one says more that this one did not say. `resemblance`
  therefore takes a share of e^2 off the squared distance; EVIDENCE was measured, see
  docs/view_selection.md.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from slowfeat.geometry import Array
from slowfeat.labelled_views import Labelled

Index: TypeAlias = "npt.NDArray[np.int64]"

POLICIES = ("goal", "novelty", "recognition", "resemblance")
# Those that ask a labelled memory.
LABELLED = ("recognition", "resemblance")
# k: labelled neighbours that vote.
NEIGHBOURS = 10
# Share of the squared expected error that `resemblance` takes off.
EVIDENCE = 0.25
# A neighbour at distance zero would have all the votes of the world.
TINY = 1e-9


def unit(
    embeddings: npt.ArrayLike, expected_error: npt.ArrayLike | None = None
) -> tuple[Array, Array]:
    """Embeddings (..., D) scaled to length one, and their expected errors (...) scaled alike.

    So that l2 distances rank as cosine distances do: |u - v|^2 = 2 (1 - cos).
    """
    z = np.asarray(embeddings, dtype=np.float64)
    norm = np.maximum(np.linalg.norm(z, axis=-1), 1e-12)
    e = np.zeros(z.shape[:-1]) if expected_error is None else np.asarray(expected_error, np.float64)
    return z / norm[..., None], e / norm


def squared_distances(views: npt.ArrayLike, others: npt.ArrayLike) -> Array:
    """Squared l2 distances (M, N) of views (M, D) to others (N, D).

    In single precision where both are that: then good to a few millionths of the squared norms.
    """
    a, b = np.asarray(views), np.asarray(others)
    if a.dtype != np.float32 or b.dtype != np.float32:
        a, b = a.astype(np.float64), b.astype(np.float64)
    squares = (a**2).sum(axis=1)[:, None] - 2 * a @ b.T + (b**2).sum(axis=1)
    return np.asarray(np.maximum(squares, 0.0), np.float64)


def distance(predicted: npt.ArrayLike, wanted: npt.ArrayLike, cosine: bool) -> Array:
    """Distance of each prediction (M, D) to a wanted embedding (D,): (M,), cosine or l2."""
    rows = np.asarray(predicted)
    goal = np.asarray(wanted, rows.dtype)
    if cosine:
        return np.asarray(1.0 - unit(rows)[0] @ unit(goal)[0])
    return np.asarray(np.linalg.norm(rows - goal, axis=1), np.float64)


def goal(predicted: Array, expected_error: Array, wanted: Array) -> Array:
    """How likely (M,) each true view is to be the wanted one (D,): -|p - wanted|^2 / e^2 - ln e^2.

    Of an error that is normal and alike in all D directions, e^2 / D each, this is twice the
    logarithm of the density a direction, less what is the same for all motions.
    """
    squares = ((predicted - wanted) ** 2).sum(axis=1)
    e2 = np.maximum(np.asarray(expected_error, np.float64) ** 2, TINY)
    return np.asarray(-squares / e2 - np.log(e2))


def surprise(expected_error: Array) -> Array:
    """How badly each place (M,) can be predicted from the nearest one where the robot was: the
    expected error.
    """
    return np.asarray(expected_error, np.float64)


def novelty(predicted: Array, expected_error: Array, seen: Array) -> Array:
    """Distance (M,) to the nearest view seen (S, D), less the expected error; infinite where none
    was seen.

    What was never seen is new whatever it is, so with an empty memory all motions are worth the
    same.
    """
    if len(seen) == 0:
        return np.full(len(predicted), np.inf)
    nearest = squared_distances(predicted, seen).min(axis=1)
    return np.asarray(np.sqrt(nearest) - expected_error)


def posterior(squares: Array, memory: Labelled, neighbours: int = NEIGHBOURS) -> Array:
    """Class posterior (M, C) from squared distances (M, N) to labelled views.

    The k nearest vote with one over their squared distance.
    """
    k = min(neighbours, squares.shape[1])
    nearest = np.argsort(squares, axis=1, kind="stable")[:, :k]
    votes = 1.0 / (np.take_along_axis(squares, nearest, axis=1) + TINY)
    tally = np.zeros((len(squares), memory.count))
    np.add.at(tally, (np.arange(len(squares))[:, None], memory.classes[nearest]), votes)
    return np.asarray(tally / tally.sum(axis=1, keepdims=True))


def entropy(probability: Array) -> Array:
    """Entropy (M,) of distributions (M, C), nats."""
    logarithm = np.log(np.where(probability > 0, probability, 1.0))
    return np.asarray(-(probability * logarithm).sum(axis=1))


def recognition(
    start: Array,
    predicted: Array,
    expected_error: Array,
    memory: Labelled,
    neighbours: int = NEIGHBOURS,
) -> Array:
    """Minus the class entropy (M,) [nats] of the labelled neighbours of each pair (view, predicted
    view).

    The next best view of Jayaraman and Grauman 2017. The squared distance of a pair to a labelled
    view is the sum of both; the expected error of the second adds to it, so that votes about a view
    that may be off are more alike, and its entropy is higher.

    Args:
        start: (D,) the view now.
        predicted: (M, D).
        expected_error: (M,).
        memory: the labelled views.
        neighbours: k.
    """
    now = squared_distances(start[None], memory.embeddings)
    then = squared_distances(predicted, memory.embeddings) + expected_error[:, None] ** 2
    return -entropy(posterior(now + then, memory, neighbours))


def resemblance(predicted: Array, expected_error: Array, memory: Labelled) -> Array:
    """Minus the distance (M,) of each view to the labelled view most like it, squared error share
    taken off.

    Where few views are labelled, what helps is to see the object from where it was labelled. The
    square root keeps its sign, because a distance below the expected error is better still.
    """
    nearest = squared_distances(predicted, memory.embeddings).min(axis=1)
    left = nearest - EVIDENCE * expected_error**2
    return np.asarray(-np.sign(left) * np.sqrt(np.abs(left)))
