"""One decision: which of some motions to make next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from slowfeat.bundle_info import BundleInfo
from slowfeat.errors import UsageError
from slowfeat.geometry import Array
from slowfeat.labelled_views import Labelled
from slowfeat.view_selection import policies
from slowfeat.view_selection.look_ahead import BEAM, MAX_STEPS, Predict, Score, search
from slowfeat.view_selection.motion_range import excess, widened_error
from slowfeat.view_selection.recall import Recall

# What each motion after the first takes off the score: of two ways to see the goal the shorter.
HASTE = {"goal": 0.4}


@dataclass(frozen=True)
class Question:
    """What is wanted."""

    # One of policies.POLICIES.
    policy: str
    # (D,), for goal.
    goal: npt.ArrayLike | None = None
    # (S, D), for novelty.
    seen: npt.ArrayLike | None = None
    # (S, 6) from the body at each view seen to the body now, where odometry says so: then views are
    # predicted from those, too, for every policy.
    seen_motions: npt.ArrayLike | None = None
    # (B, 2) m, places that the robot could not get to, seen from the body now (barred.py).
    barred: npt.ArrayLike = ()
    # For recognition and resemblance.
    memory: Labelled | None = None
    # How many motions ahead, sequences kept at each step, labelled neighbours asked.
    steps: int = 1
    beam: int = BEAM
    neighbours: int = policies.NEIGHBOURS


@dataclass(frozen=True)
class Decision:
    """What each of M motions is worth, and which is best."""

    # Index of the best motion; the first of equals.
    best: int
    # (M,) higher is better; with more than one step, of the best sequence that begins with the
    # motion.
    scores: Array
    # The score of staying.
    score_of_staying: float
    # (M,) l2, widened outside the trained range; and how far outside each is, in half widths of it.
    expected_error: Array
    excess: Array
    # (M,) distance of each prediction to the goal in the bundle's measure; empty for other
    # policies.
    distance: Array
    # The best sequence found; its first is `best`.
    sequence: list[int]
    # (C,) class posterior of the view now; empty without a labelled memory.
    class_probability: Array = field(default_factory=lambda: np.zeros(0))


def decide(
    predict: Callable[[Array, Array], tuple[npt.ArrayLike, npt.ArrayLike]],
    info: BundleInfo,
    start: npt.ArrayLike,
    motions: npt.ArrayLike,
    question: Question,
) -> Decision:
    """Judge motions (M, 6) [m, rad] from a view (D,).

    Args:
        predict: embeddings (N, D), motions (N, 6) to embeddings after (N, D) and expected errors
            (N,).
        info: of the bundle: its measure and its range of motions.
        start: (D,) the view now.
        motions: (M, 6), M >= 1.
        question: what is wanted.

    Raises:
        UsageError: no motion, an unknown policy, or something that the policy needs is missing.
    """
    m = np.asarray(motions, dtype=np.float64).reshape(-1, 6)
    if len(m) == 0:
        raise UsageError("there is no motion to choose among: give at least one")
    _check(question)
    view = _floats(start)
    beyond = excess(m, info)

    def widened(z: Array, moves: Array) -> tuple[Array, Array]:
        after, error = predict(z, moves)
        return np.asarray(after), widened_error(error, excess(moves, info))

    cosine = info.distance == "cosine"
    score = _scorer(question, view, cosine)
    recall = Recall(view, info, question.seen, question.seen_motions)
    # Turning on the spot shows other views, and no other place.
    places = question.policy == "novelty" and question.seen_motions is not None
    found = search(
        *(_checked(widened), recall, m, score, question.steps, question.beam),
        places,
        question.barred,
        HASTE.get(question.policy, 0.0),
    )
    best = int(np.argmax(found.scores))
    return Decision(
        best=best,
        scores=found.scores,
        score_of_staying=_staying(question, score, view, widened, cosine),
        expected_error=found.expected_error,
        excess=beyond,
        distance=_distance(question, found.predicted, cosine),
        sequence=found.sequences[best],
        class_probability=_classes(question, view, cosine),
    )


def _check(question: Question) -> None:
    if question.policy not in policies.POLICIES:
        known = ", ".join(policies.POLICIES)
        raise UsageError(f"policy {question.policy!r} is unknown; use {known}")
    if not 1 <= question.steps <= MAX_STEPS:
        raise UsageError(f"{question.steps} steps ahead; give 1 to {MAX_STEPS}")
    if question.beam < 1 or question.neighbours < 1:
        raise UsageError("beam and neighbours must be at least 1")
    if question.policy == "goal" and question.goal is None:
        raise UsageError("policy goal needs the embedding of the wanted view: give a goal")
    if question.policy in policies.LABELLED and question.memory is None:
        raise UsageError(
            f"policy {question.policy} needs a labelled memory: slowfeat remember makes one"
        )


def _checked(predict: Predict) -> Predict:
    def checked(z: Array, moves: Array) -> tuple[Array, Array]:
        after, error = predict(z, moves)
        if not (np.isfinite(after).all() and np.isfinite(error).all()):
            raise UsageError("a predicted embedding is not finite: the motion is far out of range")
        return after, error

    return checked


def _floats(values: npt.ArrayLike) -> Array:
    """As floats; single precision, which predictions come in, stays."""
    array = np.asarray(values)
    return array if array.dtype == np.float32 else array.astype(np.float64)


def _scorer(question: Question, view: Array, cosine: bool) -> Score:
    """The policy as a function of predictions and their errors."""

    def measured(z: npt.ArrayLike, error: Array | None = None) -> tuple[Array, Array]:
        values = _floats(z)
        if cosine:
            return policies.unit(values, error)
        return values, np.zeros(values.shape[:-1]) if error is None else error

    if question.policy == "goal":
        wanted, _ = measured(np.asarray(question.goal, view.dtype))
        return lambda z, e: policies.goal(*measured(z, e), wanted)
    if question.policy == "novelty":
        if question.seen_motions is not None:
            return lambda z, e: policies.surprise(measured(z, e)[1])
        given = np.zeros((0, len(view))) if question.seen is None else np.asarray(question.seen)
        # The view now has been seen, no matter who keeps the list.
        rows = np.concatenate([given.reshape(-1, len(view)).astype(view.dtype), view[None]])
        seen, _ = measured(rows)
        return lambda z, e: policies.novelty(*measured(z, e), seen)
    memory = _measured_memory(question, cosine)
    if question.policy == "resemblance":
        return lambda z, e: policies.resemblance(*measured(z, e), memory)
    now, k = measured(view)[0], question.neighbours
    return lambda z, e: policies.recognition(now, *measured(z, e), memory, k)


def _staying(
    question: Question, score: Score, view: Array, predict: Predict, cosine: bool
) -> float:
    """The score of staying."""
    if question.policy == "novelty":
        return 0.0
    if question.policy == "recognition":
        # No second view, so no pair.
        return float(-policies.entropy(_classes(question, view, cosine)[None])[0])
    error = np.zeros(1)
    if question.policy == "goal":
        # A view is what it is; how far the encoder separates it from its neighbours is what it
        # expects of no motion.
        error = predict(view[None], np.zeros((1, 6)))[1]
    return float(score(view[None], error)[0])


def _measured_memory(question: Question, cosine: bool) -> Labelled:
    memory = question.memory
    if memory is None:
        raise UsageError("a labelled memory is needed")
    if not cosine:
        return memory
    return Labelled(policies.unit(memory.embeddings)[0], memory.classes, memory.count)


def _distance(question: Question, predicted: Array, cosine: bool) -> Array:
    if question.policy != "goal":
        return np.zeros(0)
    return policies.distance(predicted, np.asarray(question.goal), cosine)


def _classes(question: Question, view: Array, cosine: bool) -> Array:
    if question.policy not in policies.LABELLED:
        return np.zeros(0)
    memory = _measured_memory(question, cosine)
    now = policies.unit(view)[0] if cosine else view
    squares = policies.squared_distances(now[None], memory.embeddings)
    return np.asarray(policies.posterior(squares, memory, question.neighbours)[0])
