"""The guard: what is as fast as expected passes, what was slowed
fails with one line that names it.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from benchmarks.performance import guard
from benchmarks.performance.guard import Expectation, check
from benchmarks.performance.guarded import Guarded
from slowfeat.encoder import Encoder

EXPECTED = Expectation(0.6, (0.85, 0.95))
MOTIONS = "prediction of 100 motions"


def test_enough_is_measured_once() -> None:
    measured = iter([0.7])
    assert check("x", lambda: next(measured), EXPECTED) == ""


def test_one_bad_moment_does_not_fail_it() -> None:
    measured = iter([0.3, 0.7])
    assert check("x", lambda: next(measured), EXPECTED) == ""


def test_twice_too_slow_is_one_line_with_name_expectation_and_measurement() -> None:
    measured = iter([0.3, 0.4])
    said = check("ingest", lambda: next(measured), EXPECTED)
    assert said.startswith("ingest: expected at least 0.60 of its peer's speed, measured 0.40")
    assert "\n" not in said


def test_everything_that_is_guarded_has_an_expectation_below_what_was_measured(
    tmp_path: Path,
) -> None:
    expected = guard.read_expected()
    assert set(expected) == set(Guarded(tmp_path).ratios())
    for name, found in expected.items():
        assert 0.1 < found.least < 0.95 * found.measured[0], name


def test_expectations_are_ratios_and_no_seconds() -> None:
    text = json.loads(guard.EXPECTED.read_text(encoding="utf-8"))
    assert all(set(found) == {"least", "measured"} for found in text.values())


def test_renewed_expectations_leave_room_below_what_was_measured(tmp_path: Path) -> None:
    measured = iter([0.9, 0.8, 1.0])
    guard.renew({"x": lambda: next(measured)}, 3, tmp_path / "expected.json")
    found = guard.read_expected(tmp_path / "expected.json")["x"]
    assert found == Expectation(0.56, (0.8, 1.0))


@pytest.mark.parametrize("busy_s", [0.0, 0.001])
def test_a_slowed_prediction_fails_and_a_plain_one_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, busy_s: float
) -> None:
    predict = Encoder.predict_checked

    def slowed(self: Encoder, embedding: object, motions: object) -> object:
        until = time.process_time() + busy_s
        while time.process_time() < until:
            pass
        return predict(self, embedding, motions)  # type: ignore[arg-type]

    monkeypatch.setattr(Encoder, "predict_checked", slowed)
    measure = Guarded(tmp_path).ratios()[MOTIONS]
    said = check(MOTIONS, measure, guard.read_expected()[MOTIONS])
    assert said.startswith(MOTIONS) if busy_s else said == ""
