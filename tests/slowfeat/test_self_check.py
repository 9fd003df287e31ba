"""The self-check's verdict, from made-up comparisons."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from slowfeat.odometry import NS
from slowfeat.self_check import SCALES, Comparison, SelfCheck, Verdict, best_scale

ONE = int(np.flatnonzero(SCALES == 1.0)[0])
TWO_THIRDS = int(np.flatnonzero(np.isclose(SCALES, 2 / 3))[0])


def comparison(k: int, ratio: float = 1.0, best: int = ONE, gain: float = 0.5) -> Comparison:
    """The k-th, 0.1 s after the one before; scale `best` takes `gain` of the squared error away."""
    errors = np.full(len(SCALES), 2.0 * ratio**2)
    errors[ONE] = ratio**2
    if best != ONE:
        errors[best] = (1 - gain) * ratio**2
    return Comparison(NS + k * NS // 10, errors, 1.0)


def still(k: int, ratio: float) -> Comparison:
    return Comparison(NS + k * NS // 10, np.array([ratio**2]), 1.0)


def fed(check: SelfCheck, items: list[Comparison]) -> Verdict:
    for item in items:
        check.add(item)
    return check.verdict()


def test_all_is_well_near_the_expected_error() -> None:
    verdict = fed(SelfCheck(), [comparison(k) for k in range(20)])
    assert verdict.problem == ""
    assert verdict.ratio == pytest.approx(1.0)
    assert verdict.scale == 1.0


def test_a_ratio_that_stays_high_is_told_with_the_usual_causes_and_taken_back() -> None:
    check = SelfCheck(window_s=1.0, ratio_threshold=2.0)
    fed(check, [comparison(k) for k in range(20)])
    verdict = fed(check, [comparison(20 + k, ratio=3.0) for k in range(10)])
    for cause in ("slipping wheels", "another camera", "unlike the training"):
        assert cause in verdict.problem
    assert "3.0 times" in verdict.problem
    # Between the threshold and 0.8 of it the verdict stands: it does not flicker.
    assert fed(check, [comparison(40 + k, ratio=1.8) for k in range(12)]).problem
    assert fed(check, [comparison(60 + k, ratio=1.5) for k in range(12)]).problem == ""
    assert fed(check, [comparison(80 + k, ratio=1.8) for k in range(12)]).problem == ""


def test_single_outliers_are_no_problem() -> None:
    items = [comparison(k, ratio=50.0 if k % 4 == 0 else 1.0) for k in range(20)]
    check = SelfCheck(scale_threshold=1.0)
    assert fed(check, items).problem == ""


def test_odometry_of_another_scale_is_told_while_the_ratio_is_normal() -> None:
    check = SelfCheck()
    verdict = fed(check, [comparison(k, 1.0, TWO_THIRDS, gain=0.7) for k in range(15)])
    assert "0.67 times the motion that odometry reports" in verdict.problem
    assert verdict.scale_gain == pytest.approx(0.7)
    quiet = SelfCheck(scale_threshold=0.8)
    assert fed(quiet, [comparison(k, 1.0, TWO_THIRDS) for k in range(15)]).problem == ""


def test_frozen_odometry_is_told_by_images_that_change_without_motion() -> None:
    verdict = fed(SelfCheck(), [still(k, ratio=5.0) for k in range(15)])
    assert "odometry says that the robot stands still" in verdict.problem
    assert fed(SelfCheck(), [still(k, ratio=0.1) for k in range(15)]).problem == ""


def test_too_few_comparisons_tell_nothing() -> None:
    check = SelfCheck()
    verdict = fed(check, [comparison(k, ratio=9.0) for k in range(5)])
    assert verdict.problem == ""
    assert math.isnan(verdict.ratio)


def test_old_comparisons_and_those_before_a_clear_do_not_count() -> None:
    check = SelfCheck(window_s=1.0)
    fed(check, [comparison(k, ratio=9.0) for k in range(10)])
    assert fed(check, [comparison(1000)]).comparisons == 1
    fed(check, [comparison(1000 + k, ratio=9.0) for k in range(10)])
    check.clear()
    assert check.verdict() == Verdict()


def test_best_scale_weighs_by_what_was_expected() -> None:
    small = Comparison(1, np.array([1.0, 9, 9, 0.25, 9, 9]), 1.0)
    large = Comparison(2, np.array([100.0, 900, 900, 400, 900, 900]), 100.0)
    scale, gain = best_scale([small, large])
    assert scale == pytest.approx(2 / 3)
    assert gain == pytest.approx(1 - (0.25 + 0.04) / 1.01)


def test_a_view_that_changes_at_once_is_a_problem_for_three_seconds() -> None:
    check = SelfCheck()
    fed(check, [comparison(k) for k in range(20)])
    check.note_cut(NS + 20 * NS // 10, 0.5 * check.cut_threshold)
    assert check.add(comparison(20)).problem == ""
    check.note_cut(NS + 21 * NS // 10, 2 * check.cut_threshold)
    assert "changed at once" in check.add(comparison(21)).problem
    assert fed(check, [comparison(k) for k in range(22, 50)]).problem
    assert fed(check, [comparison(k) for k in range(50, 55)]).problem == ""


def test_a_change_of_speed_that_the_images_do_not_show_is_a_problem() -> None:
    check = SelfCheck(scale_threshold=1.0)
    for k in range(70):
        item = comparison(k, best=TWO_THIRDS if k >= 60 else ONE, gain=0.6)
        verdict = check.add(dataclasses.replace(item, speed=1.5 if k >= 60 else 1.0))
    assert "changed its speed to 1.5 times what it was, and the images did not" in verdict.problem
    assert verdict.scale == pytest.approx(2 / 3)


def test_a_change_of_speed_counts_where_three_comparisons_in_a_row_say_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    check = SelfCheck()
    fed(check, [comparison(k) for k in range(10)])
    scores = iter([1.0, 1.0, 0.0, 1.0, 1.0, 1.0])
    monkeypatch.setattr(check, "_unseen_now", lambda: (next(scores), 0.5))
    found = [bool(check.add(comparison(10 + k)).problem) for k in range(6)]
    assert found == [False, False, False, False, False, True]
