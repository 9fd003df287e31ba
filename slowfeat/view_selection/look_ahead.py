"""Sequences of motions, each predicted in the best way there is; the most promising are kept (beam
search).

Where a sequence ends is a pose: motions are composed, exactly. The view from there is predicted in
one go from the view now, or, where odometry says how the robot came here, from whichever view it
had nearest to there. So what was seen is not forgotten when it goes out of sight, and errors do not
pile up. Only an end that is outside the trained range of motions from all views is predicted step
by step, one prediction upon another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from slowfeat.geometry import Array, compose_motions
from slowfeat.view_selection.barred import is_barred
from slowfeat.view_selection.recall import Recall

# (N, D) embeddings and (N, 6) motions to the embeddings after (N, D) and their expected errors
# (N,).
Predict = Callable[[Array, Array], tuple[Array, Array]]
# Predicted views (N, D) and expected errors (N,) to scores (N,), higher is better.
Score = Callable[[Array, Array], Array]
Index = npt.NDArray[np.int64]

BEAM = 8
# Beyond this no prediction is any good.
MAX_STEPS = 10
# Ends of two sequences with the same first motion that are nearer than this are one; m and rad.
SAME = 1e-3


@dataclass(frozen=True)
class Search:
    """What was found; M motions."""

    # (M,) score of the best sequence found that begins with each motion.
    scores: Array
    # That sequence for each motion, as indices into the motions; the shortest of equals.
    sequences: list[list[int]]
    # (M, D) and (M,): prediction and expected error after the first motion alone.
    predicted: Array
    expected_error: Array


@dataclass(frozen=True)
class _Ends:
    """Where N sequences end."""

    # (N, 6) from the body now; (N, D) and (N,) predicted there; (N,).
    motions: Array
    views: Array
    errors: Array
    scores: Array
    paths: list[list[int]]


def search(
    predict: Predict,
    recall: Recall,
    motions: Array,
    score: Score,
    steps: int = 1,
    beam: int = BEAM,
    places: bool = False,
    barred: npt.ArrayLike = (),
    haste: float = 0.0,
) -> Search:
    """Look `steps` motions ahead.

    A sequence is worth what its best moment is worth, because the robot decides anew after each
    motion and may stop there. Errors of steps that follow each other are taken to be independent:
    their squares add.

    Args:
        predict: the bundle's transform.
        recall: the view now, and those before it.
        motions: (M, 6), M >= 1, the same at each step.
        score: the policy.
        steps: how many motions ahead, 1 or more.
        beam: sequences kept at each step.
        places: judge places, not views: predict what would be seen there looking as from the
            nearest place it was at.
        barred: (B, 2) m, places that the robot could not get to, seen from the body: nothing leads
            there or on from there, and a motion that does scores minus infinity.
        haste: what each motion after the first takes off the score.

    Returns:
        What was found for every first motion.
    """
    count = len(motions)
    here = _Ends(np.zeros((1, 6)), recall.now[None], np.zeros(1), np.zeros(1), [[]])
    nearest = recall.nearest_place if places else recall.nearest
    ends = _step(predict, recall, nearest, motions, score, here, np.zeros(1, np.int64))
    ends.scores[is_barred(ends.motions, barred)] = -np.inf
    found = Search(ends.scores.copy(), [[i] for i in range(count)], ends.views, ends.errors)
    had = set(_keys(ends.paths, ends.motions)) if steps > 1 else set()
    for step in range(1, steps):
        kept = np.argsort(-ends.scores, kind="stable")[:beam]
        kept = kept[ends.scores[kept] > -np.inf]
        ends = _step(predict, recall, nearest, motions, score, ends, kept, had)
        if not ends.paths:
            break
        ends.scores[is_barred(ends.motions, barred)] = -np.inf
        worth = ends.scores - haste * step
        for path, value in zip(ends.paths, worth.tolist(), strict=True):
            if value > found.scores[path[0]]:
                found.scores[path[0]], found.sequences[path[0]] = value, path
    return found


def _keys(paths: list[list[int]], ends: Array) -> list[tuple[int, ...]]:
    """What distinguishes sequences: first motion, and the end to within SAME."""
    cells = np.round(ends / SAME).astype(np.int64).tolist()
    return [(path[0], *cell) for path, cell in zip(paths, cells, strict=True)]


def _step(
    predict: Predict,
    recall: Recall,
    nearest: Callable[[Array], tuple[Index, Array]],
    motions: Array,
    score: Score,
    before: _Ends,
    kept: Index,
    had: set[tuple[int, ...]] | None = None,
) -> _Ends:
    """One motion more from some of the ends; ends that were there already (`had`) are left out."""
    count = len(motions)
    parent, last = np.repeat(kept, count), np.tile(np.arange(count), len(kept))
    ends = compose_motions(before.motions[parent], motions[last])
    paths = [[*before.paths[p], i] for p, i in zip(parent.tolist(), last.tolist(), strict=True)]
    if had is not None:
        new = []
        for row, key in enumerate(_keys(paths, ends)):
            if key not in had:
                had.add(key)
                new.append(row)
        parent, last, ends, paths = parent[new], last[new], ends[new], [paths[i] for i in new]
    source, way = nearest(ends)
    # From no view within the range: on from the prediction before.
    chained = source < 0
    from_views = np.where(chained[:, None], before.views[parent], recall.views[source])
    views, errors = predict(from_views, np.where(chained[:, None], motions[last], way))
    errors = np.sqrt(errors**2 + np.where(chained, before.errors[parent], 0.0) ** 2)
    return _Ends(ends, views, errors, score(views, errors), paths)
