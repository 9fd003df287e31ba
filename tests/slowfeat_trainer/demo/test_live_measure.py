"""The demo's figures, worked out by hand."""

import numpy as np
import pytest

from slowfeat_trainer.demo import live_measure as measure
from slowfeat_trainer.demo.demo_result import found_near

NOW = np.array([[0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0]])
AFTER = np.array([[2.0, 0.0], [2.0, 0.0], [0.0, 2.0], [2.0, 0.0]])
# Errors 1, 3, 2 (as far as now) and 0.
GUESS = np.array([[1.0, 0.0], [5.0, 0.0], [0.0, 4.0], [2.0, 0.0]])


class TestJoin:
    def test_frames_and_embeddings_are_matched_by_their_stamp(self):
        sent = {100: 1_000_000, 200: 2_000_000, 300: 3_000_000, 400: 4_000_000}
        # Out of order; 300 is lost; 999 was never sent.
        arrived = {400: 9_000_000, 100: 3_000_000, 200: 5_000_000, 999: 9_000_000}
        d = measure.join(sent, arrived)
        assert (d.sent, d.received, d.lost, d.strangers) == (4, 3, 1, 1)
        assert d.latency_ms.tolist() == [2.0, 3.0, 5.0]
        assert d.percentile(50) == 3.0
        assert d.percentile(100) == 5.0

    def test_stamps_one_nanosecond_apart_are_not_the_same(self):
        assert measure.join({100: 0}, {101: 1}).received == 0

    def test_without_answers_there_is_no_latency(self):
        d = measure.join({1: 1}, {})
        assert d.lost == 1
        assert d.percentile(50) is None


def test_closer_counts_a_tie_as_not_closer():
    assert measure.share_closer(NOW, GUESS, AFTER) == 0.5


def test_standing_still_scores_zero():
    assert measure.share_closer(NOW, NOW, AFTER) == 0.0


def test_better_counts_a_tie_half():
    # Against now: better, worse, tie, better.
    assert measure.share_better(GUESS, NOW, AFTER) == pytest.approx(2.5 / 4)
    assert measure.share_better(GUESS, GUESS, AFTER) == 0.5


def test_without_pairs_there_is_no_share():
    none = np.zeros((0, 2))
    assert measure.share_closer(none, none, none) is None
    assert measure.share_better(none, none, none) is None


def test_large_is_fifteen_degrees_or_one_metre():
    motions = np.zeros((4, 6))
    motions[1, 5] = np.deg2rad(-16)
    motions[2, :2] = [0.8, 0.8]
    motions[3] = [0.9, 0, 0, 0, 0, np.deg2rad(14)]
    assert measure.is_large(motions).tolist() == [False, True, True, False]


def test_nearest_takes_the_closest_candidate():
    candidates = np.array([[0.0, 0.0], [5.0, 5.0], [9.0, 0.0]])
    assert measure.nearest(np.array([[8.0, 1.0], [1.0, 1.0]]), candidates).tolist() == [2, 0]


def predictions(count=4):
    return measure.Predictions(
        motions=np.zeros((4, 6)),
        now=NOW,
        after=AFTER,
        true_motion=GUESS,
        wrong_motion=NOW,
        no_motion=AFTER,
        mean=np.array([2.0, 0.0]),
        expected_error=np.array([1.0, 3.0, 2.0, 0.5]),
    ).take(np.arange(4) < count)


def test_the_judgement_holds_each_row():
    row = measure.judge(predictions())
    assert row.pairs == 4
    assert row.true_motion == 0.5
    assert row.wrong_motion == 0.0
    assert row.no_motion == 1.0
    assert row.mean_embedding == 0.75
    assert row.true_beats_wrong == pytest.approx(2.5 / 4)
    # Errors 1, 3, 2, 0 over a change of 2 each.
    assert row.error_over_change == pytest.approx(1.5 / 2)


def test_no_pairs_are_judged_as_nothing():
    row = measure.judge(predictions(0))
    assert row.pairs == 0
    assert row.true_motion is None
    assert row.error_over_change is None


def test_expected_errors_in_the_order_of_the_real_ones_rank_perfectly():
    assert measure.expected_error_rank(predictions()) == pytest.approx(1.0)
    assert measure.expected_error_rank(predictions(2)) is None


def test_a_picture_is_found_when_taken_near_the_true_moment():
    stamps = np.arange(10) * 100_000_000
    # 0.3 s off is right, 0.4 s is not; of all ten, seven and four lie near.
    found = found_near(stamps, np.arange(10), np.array([2, 4]), np.array([5, 0]))
    assert found.right == 0.5
    assert found.chance == pytest.approx((0.7 + 0.4) / 2)
    assert found_near(stamps, np.arange(10), np.array([], int), np.array([], int)).right is None
