"""What is said of a study: the best beside the default, and no more than the spread allows."""

from __future__ import annotations

import json

from slowfeat_trainer.tuning.judging import TrialMetrics
from slowfeat_trainer.tuning.study_result import Result, as_json, best_of, table, text, verdict
from slowfeat_trainer.tuning.trials import FAILED, Row

CRITERION = "auc_time"


def row(number: int, *scores: float, seed: int = 0) -> Row:
    folds = [TrialMetrics(s, 0.1, 5.0, 0.2) for s in scores]
    return Row(number, {"learning_rate": 10.0**-number}, seed, folds=folds)


def again(number: int, *scores: float) -> list[Row]:
    return [row(number, s, seed=k + 1) for k, s in enumerate(scores)]


def test_a_gap_beyond_the_spread_is_called_better_and_one_within_is_not() -> None:
    rows = [row(0, 0.5), row(1, 0.6)]
    clear = Result(rows, CRITERION, again(0, 0.5, 0.52) + again(1, 0.6, 0.61))
    assert verdict(clear).startswith("The best is better than the default beyond the spread")
    noisy = Result(rows, CRITERION, again(0, 0.5, 0.5) + again(1, 0.9, 0.45))
    assert "within the spread" in verdict(noisy)
    assert "It may be luck" in verdict(noisy)
    worse = Result(rows, CRITERION, again(0, 0.6, 0.6) + again(1, 0.5, 0.55))
    assert "Keep the default" in verdict(worse)


def test_folds_tell_the_spread_where_there_are_several() -> None:
    rows = [row(0, 0.5, 0.6, 0.4), row(1, 0.6, 0.7, 0.49)]
    assert "with 3 folds it is +0.097" in verdict(Result(rows, CRITERION, []))


def test_one_seed_is_told_to_be_one_seed() -> None:
    said = verdict(Result([row(0, 0.5), row(1, 0.6)], CRITERION, []))
    assert "one seed" in said
    assert "+0.100" in said


def test_a_default_that_nothing_beats_is_kept_and_equals_go_to_the_earlier() -> None:
    rows = [row(0, 0.6), row(1, 0.6), row(2, 0.5)]
    best = best_of(rows, CRITERION)
    assert best is not None
    assert best.number == 0
    assert "keep it" in verdict(Result(rows, CRITERION, []))


def test_the_table_shows_best_and_default_and_failures_are_counted_with_their_reason() -> None:
    lost = Row(2, {"learning_rate": 10.0}, 0, FAILED, "the loss of batch 3 is not finite (drlim)")
    result = Result([row(0, 0.5), row(1, 0.6), lost], CRITERION, [], {"learning_rate": 1.0})
    lines = table(result).splitlines()
    assert lines[0].split() == ["trial", "learning_rate", "AUC_time", "gain", "rank"]
    assert lines[1].split() == ["best", "1", "0.1", "0.600", "0.200", "5.0"]
    assert lines[2].split() == ["default", "0", "1", "0.500", "0.200", "5.0"]
    said = text(result)
    assert "1 of 3 trials are not counted; failed: the loss of batch 3 is not finite" in said
    assert "constant embedding: 0.100" in said
    stored = json.loads(json.dumps(as_json(result), allow_nan=False))
    assert (stored["best"], stored["trials"][2]["outcome"]) == (1, "failed")


def test_a_default_that_failed_is_said_to_have_failed() -> None:
    lost = Row(0, {"learning_rate": 1.0}, 0, FAILED, "not finite")
    assert "The default failed" in verdict(Result([lost, row(1, 0.6)], CRITERION, []))
