"""Scores of predicted views, computed by hand, and what happens where
there is nothing to compare with.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from slowfeat.errors import UsageError
from slowfeat.labelled_views import Labelled
from slowfeat.view_selection import policies

# Two classes on a line, at 0 and at 10.
LINE = Labelled(np.array([[0.0, 0.0], [10.0, 0.0]]), np.array([0, 1]), 2)


def test_goal_is_how_likely_the_view_is_the_wanted_one() -> None:
    predicted = np.array([[3.0, 4.0], [0.0, 0.0]])
    scores = policies.goal(predicted, np.array([5.0, 2.0]), np.zeros(2))
    np.testing.assert_allclose(scores, [-1 - math.log(25), -math.log(4)])


def test_near_the_goal_the_surer_is_better_and_far_from_it_the_unknown() -> None:
    error = np.array([0.5, 0.1])
    near = policies.goal(np.full((2, 3), 0.01), error, np.zeros(3))
    assert near.argmax() == 1
    far = policies.goal(np.ones((2, 3)), error, np.zeros(3))
    assert far.argmax() == 0


def test_surprise_is_the_expected_error() -> None:
    assert policies.surprise(np.array([1.0, 3.0])).tolist() == [1.0, 3.0]


def test_distances_in_single_precision_are_those_in_double() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(5, 300)), rng.normal(size=(7, 300))
    single = policies.squared_distances(a.astype(np.float32), b.astype(np.float32))
    np.testing.assert_allclose(single, policies.squared_distances(a, b), rtol=1e-4)


def test_novelty_is_what_of_the_nearest_distance_the_error_does_not_explain() -> None:
    seen = np.array([[0.0, 0.0], [6.0, 8.0]])
    scores = policies.novelty(np.array([[3.0, 4.0], [0.0, 1.0]]), np.array([1.0, 3.0]), seen)
    np.testing.assert_allclose(scores, [4.0, -2.0])


def test_what_is_merely_unpredictable_is_not_new() -> None:
    # The second is farther, and may be anywhere.
    predicted = np.array([[2.0], [3.0]])
    assert policies.novelty(predicted, np.array([0.1, 2.9]), np.zeros((1, 1))).argmax() == 0


def test_where_nothing_was_seen_everything_is_equally_new() -> None:
    scores = policies.novelty(np.eye(3), np.zeros(3), np.zeros((0, 3)))
    assert len(set(scores.tolist())) == 1


def test_posterior_votes_are_one_over_the_squared_distance() -> None:
    squares = policies.squared_distances(np.array([[2.0, 0.0]]), LINE.embeddings)
    np.testing.assert_allclose(squares, [[4.0, 64.0]])
    np.testing.assert_allclose(policies.posterior(squares, LINE), [[64 / 68, 4 / 68]], rtol=1e-6)


def test_only_the_nearest_k_vote() -> None:
    squares = np.array([[4.0, 64.0]])
    np.testing.assert_allclose(policies.posterior(squares, LINE, 1), [[1.0, 0.0]])


def test_entropy_of_certainty_and_of_two_equal_classes() -> None:
    values = policies.entropy(np.array([[1.0, 0.0], [0.5, 0.5]]))
    np.testing.assert_allclose(values, [0.0, math.log(2)])


def test_recognition_takes_the_view_that_tells_the_classes_apart() -> None:
    # From the middle: one motion leads beside class 0, another stays in the middle.
    start = np.array([5.0, 0.0])
    scores = policies.recognition(start, np.array([[5.0, 0.0], [1.0, 0.0]]), np.zeros(2), LINE)
    assert scores.argmax() == 1
    p = np.array([(25 + 81) / (25 + 81 + 25 + 1), (25 + 1) / (25 + 81 + 25 + 1)])
    np.testing.assert_allclose(scores, [-math.log(2), (p * np.log(p)).sum()], rtol=1e-6)


def test_a_prediction_that_may_be_off_recognises_less() -> None:
    start, predicted = np.array([5.0, 0.0]), np.array([[1.0, 0.0], [1.0, 0.0]])
    sure, unsure = policies.recognition(start, predicted, np.array([0.0, 9.0]), LINE)
    assert sure > unsure


def test_resemblance_is_the_nearest_labelled_view_less_a_share_of_the_error() -> None:
    scores = policies.resemblance(np.array([[3.0, 0.0], [8.0, 0.0]]), np.array([2.0, 8.0]), LINE)
    np.testing.assert_allclose(scores, [-math.sqrt(8.0), math.sqrt(12.0)])


def test_an_empty_labelled_memory_is_refused_by_name() -> None:
    with pytest.raises(UsageError, match="labelled memory is empty"):
        Labelled(np.zeros((0, 4)), np.zeros(0, np.int64), 0)


def test_unit_embeddings_rank_by_the_cosine() -> None:
    z, error = policies.unit(np.array([[3.0, 4.0]]), np.array([10.0]))
    np.testing.assert_allclose(z, [[0.6, 0.8]])
    np.testing.assert_allclose(error, [2.0])
