"""Sequences of motions: one prediction upon another, the most promising kept (beam search)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from slowfeat.geometry import Array

# (N, D) embeddings and (N, 6) motions to the embeddings after (N, D) and their expected errors (N,).
Predict = Callable[[Array, Array], tuple[Array, Array]]
# Predicted views (N, D) and expected errors (N,) to scores (N,), higher is better.
Score = Callable[[Array, Array], Array]

BEAM = 8
# More than this looks at what no prediction can tell any more.
MAX_STEPS = 10


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


def search(
    predict: Predict,
    start: npt.ArrayLike,
    motions: Array,
    score: Score,
    steps: int = 1,
    beam: int = BEAM,
) -> Search:
    """Look `steps` motions ahead.

    A sequence is worth what its best moment is worth, because the robot decides anew after each motion and may
    stop there. Errors of steps that follow each other are taken to be independent: their squares add.

    Args:
        predict: the bundle's transform.
        start: (D,) the view now.
        motions: (M, 6), M >= 1, the same at each step.
        score: the policy.
        steps: how many motions ahead, 1 or more.
        beam: sequences kept at each step.

    Returns:
        What was found for every first motion.
    """
    count = len(motions)
    z = np.repeat(np.asarray(start, np.float64)[None], count, axis=0)
    predicted, error = predict(z, motions)
    scores = score(predicted, error)
    best, sequences = scores.copy(), [[i] for i in range(count)]
    ends, errors, values = predicted, error, scores
    paths = [[i] for i in range(count)]
    for _ in range(steps - 1):
        kept = np.argsort(-values, kind="stable")[:beam]
        z = np.repeat(ends[kept], count, axis=0)
        step, step_error = predict(z, np.tile(motions, (len(kept), 1)))
        errors = np.sqrt(np.repeat(errors[kept], count) ** 2 + step_error**2)
        ends, values = step, score(step, errors)
        paths = [[*paths[k], i] for k in kept.tolist() for i in range(count)]
        for path, value in zip(paths, values.tolist(), strict=True):
            if value > best[path[0]]:
                best[path[0]], sequences[path[0]] = value, path
    return Search(best, sequences, predicted, error)
