"""The study on disk: what is added comes back, and what a kill tears is cut off."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("optuna")

from slowfeat.errors import UsageError
from slowfeat_trainer.tuning.journal import AGAIN, FILE, Journal, locked
from slowfeat_trainer.tuning.judging import TrialMetrics
from slowfeat_trainer.tuning.spaces import Setting
from slowfeat_trainer.tuning.trials import FAILED, Row

SPACE = [
    Setting("learning_rate", 1e-4, 1e-2, (1e-3,), log=True),
    Setting("patterns", 2, 12, (6,), is_integer=True),
    Setting("batch_size", 16, 64, (16.0, 64.0), is_choice=True, is_integer=True),
]


def row(number: int, rate: float = 1e-3, **changes: object) -> Row:
    settings = {"learning_rate": rate, "patterns": 6.0, "batch_size": 16.0}
    folds = [TrialMetrics(0.1 * number, 0.05, 9.0, None)]
    return Row(number, settings, 0, **{"folds": folds, **changes})  # type: ignore[arg-type]


def test_what_is_added_comes_back_in_order_and_from_disk(tmp_path: Path) -> None:
    journal = Journal(tmp_path, SPACE, "auc_time", 0)
    # One outside the range, and one without figures.
    rows = [row(0, rate=0.5), row(1), row(2, outcome=FAILED, reason="not finite", folds=[])]
    for one in rows:
        journal.add(one)
    journal.add(row(0), AGAIN)
    again = Journal(tmp_path, SPACE, "auc_time", 0)
    assert again.rows() == rows
    assert again.rows(AGAIN) == [row(0)]


def test_a_line_that_was_torn_is_cut_off(tmp_path: Path) -> None:
    Journal(tmp_path, SPACE, "auc_time", 0).add(row(0))
    with (tmp_path / FILE).open("a") as file:
        file.write('{"op_code": 4, "tor')
    assert Journal(tmp_path, SPACE, "auc_time", 0).rows() == [row(0)]


def test_a_suggestion_is_a_function_of_seed_number_and_past(tmp_path: Path) -> None:
    journal = Journal(tmp_path, SPACE, "auc_time", 3)
    first, again, next_one = journal.suggest(1), journal.suggest(1), journal.suggest(2)
    assert first == again != next_one
    for values in (first, next_one):
        assert 1e-4 <= values["learning_rate"] <= 1e-2
        assert values["patterns"] == int(values["patterns"])
        assert values["batch_size"] in (16.0, 64.0)


def test_few_trials_do_not_tell_what_matters(tmp_path: Path) -> None:
    journal = Journal(tmp_path, SPACE, "auc_time", 0)
    journal.add(row(0))
    assert journal.importance() is None


def test_a_second_process_is_kept_out_until_the_first_is_done(tmp_path: Path) -> None:
    with locked(tmp_path), pytest.raises(UsageError, match="at work on"), locked(tmp_path):
        pass
    with locked(tmp_path):
        pass
