"""One setting after the other: what is tried, what is kept, where a stopped search goes on."""

from __future__ import annotations

from collections.abc import Callable

from slowfeat_trainer.tuning.greedy import budget, next_candidate
from slowfeat_trainer.tuning.judging import TrialMetrics
from slowfeat_trainer.tuning.spaces import Setting, Values
from slowfeat_trainer.tuning.trials import FAILED, Row

A = Setting("a", 1, 3, (1.0, 2.0, 3.0))
B = Setting("b", 1, 3, (1.0, 2.0, 3.0))
DEFAULT = {"a": 2.0, "b": 2.0}


def row(settings: Values, score: float, number: int = 0) -> Row:
    return Row(number, settings, 0, folds=[TrialMetrics(None, None, 9.0, score)])


def search(value: Callable[[Values], float], rows: list[Row] | None = None) -> list[Row]:
    rows = list(rows or [])
    while (settings := next_candidate([A, B], DEFAULT, rows, "motion_gain")) is not None:
        rows.append(row(settings, value(settings)))
    return rows


def test_the_best_of_one_setting_is_kept_for_the_next() -> None:
    rows = search(lambda s: s["a"] + 10 * (s["b"] == 1) * (s["a"] == 3))
    assert [tuple(r.settings.values()) for r in rows] == [
        *((2, 2), (1, 2), (3, 2)),
        *((3, 1), (3, 3)),
    ]
    assert len(rows) == budget([A, B], DEFAULT) == 5


def test_a_tie_keeps_what_was_there() -> None:
    rows = search(lambda _: 1.0)
    assert {tuple(r.settings.values()) for r in rows} == {(2, 2), (1, 2), (3, 2), (2, 1), (2, 3)}


def test_a_failed_candidate_is_never_kept() -> None:
    lost = [Row(k, s, 0, FAILED, "not finite") for k, s in enumerate([{"a": 1.0, "b": 2.0}])]
    rows = search(lambda s: -s["a"], lost)
    assert rows[-1].settings["a"] == 2.0


def test_a_stopped_search_goes_on_as_if_it_had_not_been() -> None:
    def value(s: Values) -> float:
        return s["a"] * s["b"]

    whole = search(value)
    for done in range(len(whole)):
        assert search(value, whole[:done]) == whole


def test_a_default_off_the_grid_is_one_more_candidate() -> None:
    assert budget([A, B], {"a": 2.5, "b": 2.0}) == 6
