"""Odometry that says faster or slower while the images say as before."""

from __future__ import annotations

import math

import numpy as np
import pytest

from slowfeat.self_check import SCALES
from slowfeat.unseen_change import unseen_change

AGES = np.arange(8.0, -0.01, -0.1)


def series(factor: float, true_factor: float) -> tuple[np.ndarray, np.ndarray]:
    """Speeds and squared errors: reported times `factor` for the last 0.7
    s, truly times `true_factor`.
    """
    fault = AGES <= 0.75
    speeds = np.where(fault, factor, 1.0)
    # The right scale of the reported motion is the true speed over the reported one.
    best = np.where(fault, true_factor / factor, 1.0)
    off = np.log(np.maximum(SCALES, 0.05))[None, :] - np.log(best)[:, None]
    return speeds, 0.5 + 4 * off**2


@pytest.mark.parametrize("factor", [1.5, 2 / 3, 2.0])
def test_a_change_that_the_images_do_not_show_scores_and_names_the_old_speed(factor: float) -> None:
    score, scale = unseen_change(AGES, *series(factor, 1.0), np.ones(len(AGES)), SCALES)
    assert score > 0.5
    assert scale == pytest.approx(1 / factor)


@pytest.mark.parametrize("factor", [1.5, 2 / 3])
def test_a_change_that_the_images_show_too_does_not_score(factor: float) -> None:
    score, _ = unseen_change(AGES, *series(factor, factor), np.ones(len(AGES)), SCALES)
    assert score < 0.0


def test_a_steady_drive_asks_nothing_whatever_fits_the_images() -> None:
    speeds, errors = series(1.0, 1.5)
    assert unseen_change(AGES, speeds, errors, np.ones(len(AGES)), SCALES) == (-math.inf, 1.0)


def test_too_short_a_history_and_a_standing_robot_ask_nothing() -> None:
    speeds, errors = series(1.5, 1.0)
    recent = AGES < 1.0
    short = unseen_change(
        AGES[recent], speeds[recent], errors[recent], np.ones(recent.sum()), SCALES
    )
    assert short[0] == -math.inf
    assert unseen_change(AGES, 0.01 * speeds, errors, np.ones(len(AGES)), SCALES)[0] == -math.inf
