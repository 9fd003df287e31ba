"""One level and one sentence from inputs and comparisons."""

from __future__ import annotations

import time

import numpy as np

from slowfeat.live.input_health import InputHealth, Level
from slowfeat.live.odometry_health import COMPARED_S, EXPECTED, HealthJudge
from slowfeat.odometry import NS
from slowfeat.self_check import SCALES, Comparison, SelfCheck


def judge(comparisons: int = 20, ratio: float = 1.0, scale: float = 1.0) -> HealthJudge:
    inputs, check = InputHealth(), SelfCheck()
    made = HealthJudge(inputs, check)
    now = time.monotonic()
    inputs.image(NS, now)
    inputs.odometry(NS, now)
    for k in range(comparisons):
        errors = np.full(len(SCALES), 2 * ratio**2)
        errors[0] = ratio**2
        if scale != 1.0:
            errors[np.argmin(np.abs(SCALES - scale))] = 0.2 * ratio**2
        check.add(Comparison(NS + k * NS // 10, errors, 1.0))
        made.compared()
    return made


def test_ok_only_where_enough_was_compared_and_is_as_expected() -> None:
    health = judge().health()
    assert (health.level, health.sentence) == (Level.OK, EXPECTED)
    assert health.comparisons >= 8
    few = judge(comparisons=3).health()
    assert few.level is Level.STALE
    assert "too few comparisons (3 of 8)" in few.sentence


def test_pictures_that_disagree_are_a_warning_with_the_scale_that_fits() -> None:
    health = judge(scale=1.5).health()
    assert health.level is Level.WARN
    assert health.scale == 1.5
    assert health.scale_gain > 0.5
    assert "1.5 times the motion that odometry reports" in health.sentence


def test_no_comparison_for_long_is_stale_and_says_why_there_was_none() -> None:
    made = judge()
    made.not_compared("the motions lie outside the trained range")
    now = time.monotonic()
    assert made.health(now).level is Level.OK
    later = now + COMPARED_S + 0.1
    made.inputs.image(2 * NS, later)
    made.inputs.odometry(2 * NS, later)
    health = made.health(later)
    assert health.level is Level.STALE
    assert health.sentence == (
        "the last 1 comparisons were not made: the motions lie outside the trained range"
    )
    assert health.left_out == 1
    made.compared()
    assert made.health().level is Level.OK


def test_inputs_that_ended_count_more_than_what_was_compared_before() -> None:
    made = judge(ratio=5.0)
    now = time.monotonic()
    assert made.health(now).level is Level.WARN
    later = now + 5.0
    made.inputs.image(2 * NS, later)
    health = made.health(later)
    assert health.level is Level.STALE
    assert "odometry ended" in health.sentence
