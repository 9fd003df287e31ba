"""Cuts found against true cuts."""

from __future__ import annotations

import numpy as np
import pytest

from slowfeat_papers.measures.scene_cut_metrics import cut_figures

TRUTH = np.repeat(np.arange(50), 10)


def test_the_truth_is_perfect_under_any_names() -> None:
    assert cut_figures(99 - TRUTH, TRUTH)[:2] == (1, 1)


def test_one_scene_finds_nothing() -> None:
    assert cut_figures(np.zeros(500, int), TRUTH)[:2] == (0, 0)


def test_a_cut_at_every_frame_has_the_precision_of_a_guess() -> None:
    found = cut_figures(np.arange(500), TRUTH)
    assert found.recall == 1
    assert found.precision == pytest.approx(found.chance) == pytest.approx(49 / 499)


def test_random_cuts_have_the_precision_of_a_guess() -> None:
    long = np.repeat(np.arange(2000), 10)
    found = cut_figures(np.cumsum(np.random.default_rng(0).random(20_000) < 0.2), long)
    assert found.precision == pytest.approx(found.chance, abs=0.02)
    assert found.recall == pytest.approx(0.2, abs=0.03)


def test_by_hand() -> None:
    # Found after 2 and 4, true after 2 and 3.
    found = cut_figures(np.array([0, 0, 1, 1, 2]), np.array([0, 0, 1, 2, 2]))
    assert found == (0.5, 0.5, 0.5)
