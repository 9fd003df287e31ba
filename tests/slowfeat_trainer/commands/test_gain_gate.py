"""--require-gain: the exit code of a bundle that does not predict."""

from __future__ import annotations

import argparse

import pytest

from slowfeat.verdict import NOT, SOMEWHAT, WELL, Verdict
from slowfeat_trainer.commands.gain_gate import add_gate_argument, exit_code


def verdict(level: str) -> Verdict:
    return Verdict(level, "so it is", 0.1, 0.01)


def given(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_gate_argument(parser)
    return parser.parse_args(words)


def test_one_that_does_not_predict_fails_and_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    args = given("--require-gain")
    assert exit_code(args, [verdict(WELL), verdict(SOMEWHAT)]) == 0
    assert capsys.readouterr().err == ""
    assert exit_code(args, [verdict(WELL), verdict(NOT)]) == 1
    assert "does not predict (gain 0.10 +- 0.01)" in capsys.readouterr().err


def test_what_was_not_measured_is_no_gain(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(given("--require-gain"), [None]) == 1
    assert "nothing was held out" in capsys.readouterr().err


def test_nothing_is_required_unless_it_is_asked_for() -> None:
    assert exit_code(given(), [None, verdict(NOT)]) == 0
