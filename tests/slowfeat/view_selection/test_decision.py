"""Decisions in a world whose embedding is the robot's place: what is best is known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from slowfeat.bundle_info import BundleInfo
from slowfeat.errors import UsageError
from slowfeat.labelled_views import Labelled
from slowfeat.view_selection.decision import Question, decide
from slowfeat.view_selection.motion_range import excess
from slowfeat.view_selection.policies import POLICIES
from tests.conftest import tiny_info

# East, west, north, south by a metre.
MOVES = np.zeros((4, 6))
MOVES[:, :2] = [[1, 0], [-1, 0], [0, 1], [0, -1]]
HERE = np.zeros(2)


def walk(z: Any, motions: Any) -> tuple[Any, Any]:
    """The embedding is the place (x, y); predictions are exact to a millimetre."""
    return z + motions[:, :2], np.full(len(motions), 1e-3)


@pytest.fixture
def info() -> BundleInfo:
    return replace(tiny_info(), dimension=2)


def test_goes_towards_the_goal_as_an_oracle_would(info: BundleInfo) -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        goal = rng.normal(0, 3, 2)
        truth = np.linalg.norm(MOVES[:, :2] - goal, axis=1)
        found = decide(walk, info, HERE, MOVES, Question("goal", goal=goal))
        assert found.best == truth.argmin()
        np.testing.assert_allclose(found.distance, truth)


def test_novelty_covers_more_places_than_chance(info: BundleInfo) -> None:
    def places(choose: Any) -> int:
        at, seen = HERE, [HERE]
        for _ in range(40):
            at = at + MOVES[choose(at, seen), :2]
            seen.append(at)
        return len({tuple(p) for p in seen})

    def ours(at: Any, seen: Any) -> int:
        return decide(walk, info, at, MOVES, Question("novelty", seen=np.array(seen))).best

    rng = np.random.default_rng(0)
    by_chance = [places(lambda *_: rng.integers(4)) for _ in range(20)]
    assert places(ours) > max(by_chance)


def test_one_candidate_is_taken_and_none_refused(info: BundleInfo) -> None:
    question = Question("goal", goal=np.ones(2))
    assert decide(walk, info, HERE, MOVES[:1], question).best == 0
    with pytest.raises(UsageError, match="no motion to choose among"):
        decide(walk, info, HERE, np.zeros((0, 6)), question)


def test_standing_still_has_a_score(info: BundleInfo) -> None:
    here = decide(walk, info, HERE, MOVES, Question("goal", goal=HERE))
    assert here.score_of_staying > max(here.scores)
    away = decide(walk, info, HERE, MOVES, Question("goal", goal=MOVES[2, :2]))
    assert away.score_of_staying < away.scores[2]


def test_with_the_ways_since_then_the_new_is_what_no_view_seen_can_tell(info: BundleInfo) -> None:
    def predict(z: Any, motions: Any) -> tuple[Any, Any]:
        return z + motions[:, :2], np.linalg.norm(motions[:, :2], axis=1) + 0.1

    # It came from the west, so a step there is known.
    question = Question("novelty", seen=[[-1.0, 0.0]], seen_motions=MOVES[:1])
    found = decide(predict, info, HERE, MOVES, question)
    np.testing.assert_allclose(found.scores, [1.1, 0.1, 1.1, 1.1])
    assert found.score_of_staying == 0.0
    turn = np.array([[0, 0, 0, 0, 0, 0.8]])
    assert decide(predict, info, HERE, turn, question).scores == pytest.approx(0.1)


def test_single_precision_stays_so(info: BundleInfo) -> None:
    kinds = set()

    def predict(z: Any, motions: Any) -> tuple[Any, Any]:
        kinds.add(z.dtype)
        return z + motions[:, :2].astype(np.float32), np.full(len(z), 0.1)

    view = np.zeros(2, np.float32)
    for policy in ("goal", "novelty"):
        decide(predict, info, view, MOVES, Question(policy, goal=view, seen=view[None], steps=2))
    assert kinds == {np.dtype(np.float32)}


def test_motions_outside_the_trained_range_are_flagged_and_trusted_less(info: BundleInfo) -> None:
    info = replace(info, motion_min=[-1.0] + [0.0] * 5, motion_max=[1.0] + [0.0] * 5)
    moves = np.zeros((4, 6))
    moves[:, 0] = [1.0, -1.0, 2.0, 0.0]
    moves[3, 5] = 0.03
    np.testing.assert_allclose(excess(moves, info), [0, 0, 1.0, 0.5], atol=1e-4)
    found = decide(walk, info, HERE, moves, Question("goal", goal=np.ones(2)))
    np.testing.assert_allclose(found.expected_error, [1e-3, 1e-3, 2e-3, 1.5e-3], rtol=1e-4)


def test_a_cosine_bundle_is_asked_by_the_cosine(info: BundleInfo) -> None:
    info = replace(info, distance="cosine")

    def predict(z: Any, motions: Any) -> tuple[Any, Any]:
        return np.array([[9.0, 0.1], [0.9, 0.9]]), np.full(2, 1e-3)

    found = decide(predict, info, np.ones(2), MOVES[:2], Question("goal", goal=np.array([1.0, 0])))
    assert found.best == 0
    np.testing.assert_allclose(found.distance, [0.0000617, 1 - 0.5**0.5], atol=1e-6)


def test_classes_of_the_view_now_are_told(info: BundleInfo) -> None:
    memory = Labelled(np.array([[0.1, 0.0], [5.0, 0.0]]), np.array([1, 0]), 2)
    for policy in ("recognition", "resemblance"):
        found = decide(walk, info, HERE, MOVES, Question(policy, memory=memory))
        assert found.class_probability.argmax() == 1
        assert found.class_probability.sum() == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        (Question("best"), "policy 'best' is unknown; use goal, novelty"),
        (Question("goal"), "give a goal"),
        (Question("recognition"), "slowfeat remember makes one"),
        (Question("novelty", steps=0), "give 1 to 10"),
        (Question("novelty", beam=0), "at least 1"),
    ],
)
def test_what_is_missing_is_named(info: BundleInfo, question: Question, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        decide(walk, info, HERE, MOVES, question)


def test_a_prediction_that_is_not_finite_is_refused(info: BundleInfo) -> None:
    def predict(z: Any, motions: Any) -> tuple[Any, Any]:
        return z * np.inf, np.ones(len(z))

    with pytest.raises(UsageError, match="not finite"):
        decide(predict, info, np.ones(2), MOVES, Question("goal", goal=HERE))


def test_every_policy_scores_every_candidate_with_finite_numbers(info: BundleInfo) -> None:
    memory = Labelled(np.eye(2), np.array([0, 1]), 2)
    for policy in POLICIES:
        asked = Question(policy, goal=HERE, memory=memory, steps=3)
        found = decide(walk, info, np.full(2, 0.3), MOVES, asked)
        assert found.scores.shape == (4,)
        assert np.isfinite(found.scores).all()
        assert found.sequence[0] == found.best
