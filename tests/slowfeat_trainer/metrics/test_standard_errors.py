"""Standard errors over pairs that are alike where they are near in time."""

from __future__ import annotations

import numpy as np
import pytest

from slowfeat_trainer.metrics.standard_errors import mean_se, ratio_se


def test_of_independent_values_it_is_the_usual_one() -> None:
    values = np.random.default_rng(0).normal(0, 2.0, 3000)
    assert mean_se(values) == pytest.approx(2.0 / np.sqrt(3000), rel=0.35)


def test_values_that_come_in_runs_count_as_one_each() -> None:
    runs = np.repeat(np.random.default_rng(0).normal(0, 2.0, 60), 50)
    assert mean_se(runs) > 3 * 2.0 / np.sqrt(3000)


def test_a_ratio_that_is_the_same_everywhere_is_certain() -> None:
    below = np.random.default_rng(0).uniform(1, 9, 500)
    assert ratio_se(0.3 * below, below) == pytest.approx(0.0, abs=1e-12)


def test_a_handful_of_values_has_none() -> None:
    assert mean_se(np.arange(8.0)) == 0.0
