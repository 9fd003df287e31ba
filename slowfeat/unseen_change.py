"""A change of the reported speed that the images do not show: wheels that begin to slip, a scale
that is set wrong.

Which scale of the reported motion fits the images is a noisy question, and over many scales some
fits by chance. A fault that begins asks a sharper one: odometry says that the robot has become
faster or slower; do the images say that it went on as before? Only that one scale, the speed
before over the speed now, is tried, and only where the speed changed at all. The score is the mean
drop of the squared error by that scale, in units of the expected one. Knows no ROS.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

import numpy as np

from slowfeat.geometry import Array

# The speed now is that of the last so many seconds, the one before that of HISTORY_S until BEFORE_S
# ago.
NOW_S, BEFORE_S, HISTORY_S = 0.7, 1.5, 8.0
LEAST_NOW, LEAST_BEFORE = 4, 8
# A change by less than this factor is no change.
CHANGED = 1.2
# A robot that hardly drives has no speed to compare, m/s.
SLOW = 0.03


def unseen_change(
    age_s: Array, speeds: Array, squared_errors: Array, expected: Array, scales: Array
) -> tuple[float, float]:
    """The score, and the scale of the reported motion that would be the old speed; (-inf, 1) where
    nothing changed.

    Args:
        age_s: (N,) how long ago each comparison was, s.
        speeds: (N,) reported, m/s.
        squared_errors: (N, S) of the predictions for `scales` times the reported motion.
        expected: (N,) expected errors of the motion as reported.
        scales: (S,), with 1 and some on either side.
    """
    now, before = age_s <= NOW_S, (age_s > BEFORE_S) & (age_s <= HISTORY_S)
    if now.sum() < LEAST_NOW or before.sum() < LEAST_BEFORE:
        return -math.inf, 1.0
    speed, was = statistics.median(speeds[now].tolist()), statistics.median(speeds[before].tolist())
    if min(speed, was) < SLOW:
        return -math.inf, 1.0
    scale = was / speed
    if 1 / CHANGED < scale < CHANGED:
        return -math.inf, 1.0
    one = int(np.flatnonzero(scales == 1.0)[0])
    weighted = squared_errors[now] / np.maximum(expected[now, None], 1e-12) ** 2
    drop = weighted[:, one].mean() - _at_scale(scale, scales, weighted.mean(axis=0))
    return float(drop), scale


def _at_scale(scale: float, scales: Sequence[float] | Array, values: Array) -> float:
    """Values (S,) of some scales (S,) at another one, interpolated by its logarithm."""
    positive = np.flatnonzero(np.asarray(scales) > 0)
    order = positive[np.argsort(np.asarray(scales)[positive])]
    return float(np.interp(math.log(scale), np.log(np.asarray(scales)[order]), values[order]))
