"""One trial: its figures over the folds, and what is taken up again."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from slowfeat.errors import BagError
from slowfeat_trainer.config.train_config import config_of_preset
from slowfeat_trainer.data.recording import Camera
from slowfeat_trainer.tuning import trials
from slowfeat_trainer.tuning.judging import TrialMetrics
from slowfeat_trainer.tuning.trials import COLLAPSED, DONE, FAILED, Bench, Row, clear, run_trial

GOOD = TrialMetrics(0.4, 0.1, 9.0, 0.3)


def test_a_fold_that_could_not_be_judged_counts_nothing_and_is_no_part_of_a_mean() -> None:
    folds = [GOOD, TrialMetrics(None, None, 5.0, 0.1)]
    row = Row(0, {}, 0, folds=folds)
    assert row.scores("auc_time") == [0.4, 0.0]
    assert row.score("auc_time") == pytest.approx(0.2)
    assert row.mean("auc_time") == 0.4
    assert row.mean("accuracy") is None
    assert dataclasses.replace(row, outcome=FAILED).score("auc_time") is None


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    folds: list[Any] = ["first", "second"]
    return Bench(folds, Camera(), [], tmp_path / "running")


def with_trainings(monkeypatch: pytest.MonkeyPatch, outcomes: dict[str, object]) -> list[str]:
    """Trainings that end as given, by fold; returns the folds that are trained."""
    trained: list[str] = []

    def work(_: object, fold: str, *__: object) -> TrialMetrics:
        trained.append(fold)
        outcome = outcomes[fold]
        if isinstance(outcome, BaseException):
            raise outcome
        assert isinstance(outcome, TrialMetrics)
        return outcome

    monkeypatch.setattr(trials, "_train_and_judge", work)
    return trained


def nothing(*_: object) -> None:
    """Shows no progress."""


def test_a_killed_trial_does_not_train_its_finished_fold_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = config_of_preset("drlim")
    trained = with_trainings(monkeypatch, {"first": GOOD, "second": KeyboardInterrupt()})
    with pytest.raises(KeyboardInterrupt):
        run_trial(bench, config, 3, {"patterns": 6.0}, nothing)
    trained = with_trainings(monkeypatch, {"second": GOOD})
    row = run_trial(bench, config, 3, {"patterns": 6.0}, nothing)
    assert trained == ["second"]
    assert row == Row(3, {"patterns": 6.0}, config.seed, DONE, "", [GOOD, GOOD])
    # Another configuration shares nothing with it.
    trained = with_trainings(monkeypatch, {"first": GOOD, "second": GOOD})
    run_trial(bench, dataclasses.replace(config, seed=5), 4, {}, nothing)
    assert trained == ["first", "second"]
    clear(bench.folder)
    assert not bench.folder.exists()


def test_failures_and_collapses_are_results(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    config = config_of_preset("drlim")
    with_trainings(monkeypatch, {"first": BagError("nothing moves; record more")})
    row = run_trial(bench, config, 0, {}, nothing)
    assert (row.outcome, row.reason, row.folds) == (FAILED, "nothing moves", [])
    line = dataclasses.replace(GOOD, effective_rank=1.0)
    with_trainings(monkeypatch, {"first": GOOD, "second": line})
    row = run_trial(bench, dataclasses.replace(config, seed=1), 1, {}, nothing)
    assert (row.outcome, row.reason) == (COLLAPSED, "effective rank 1.00")


def test_labels_of_a_fold_reach_its_batches(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Any] = []
    monkeypatch.setattr(trials.TrainingSet, "prepare", lambda *words: given.append(words))
    config: Any = "config"
    fold: Any = SimpleNamespace(fit="frames", fit_labels=[0, 1])
    trials.training_set(dataclasses.replace(bench, classes=["a", "b"]), fold, config)
    fold.fit_labels = None
    trials.training_set(bench, fold, config)
    assert given[0][:3] == ("frames", bench.camera, "config")
    assert (given[0][3].names, given[0][3].of_frame) == (["a", "b"], [0, 1])
    assert given[1][3] is None
