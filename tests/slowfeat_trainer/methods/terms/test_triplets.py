"""Triplets: even ones are to be straight, and of the others nothing
is asked but that they differ.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch

from slowfeat_trainer.methods.terms.triplets import LinearisingTerm, SteadyTerm
from slowfeat_trainer.methods.training_set import TrainingSet, draw_batch
from tests.helpers.made_up_drive import made_up_set, small_config

CONFIG = small_config("drlim", drlim_margin=0.5)


@pytest.fixture(scope="module")
def data() -> TrainingSet:
    return made_up_set()


def test_even_triplets_are_evenly_spaced_frames(data: TrainingSet) -> None:
    triplets = draw_batch(data, CONFIG, 0).triplets
    even = triplets.is_even
    assert 0 < even.sum() < len(even)
    first, second = triplets.second - triplets.first, triplets.third - triplets.second
    np.testing.assert_array_equal(first[even], second[even])


def test_a_code_that_runs_evenly_with_time_is_straight_and_steady(data: TrainingSet) -> None:
    batch = draw_batch(data, CONFIG, 0)
    linear, steady = LinearisingTerm(data, CONFIG), SteadyTerm(data, CONFIG)
    direction = torch.ones(8) / 8**0.5
    z = {
        name: torch.from_numpy(index).float()[:, None] * direction
        for name, index in steady.views(batch).items()
    }
    assert float(linear.loss(z, batch, data, CONFIG)) == pytest.approx(-1, abs=0.01)
    # Even ones cost nothing; of the others those whose two steps differ by a frame at least
    # neither.
    odd = ~batch.triplets.is_even
    t = batch.triplets
    apart = np.abs((t.second - t.first) - (t.third - t.second))[odd]
    expected = np.maximum(0, 0.5 - apart).mean()
    assert float(steady.loss(z, batch, data, CONFIG)) == pytest.approx(expected, abs=1e-4)


def test_what_is_out_of_line_does_not_bend_the_even_ones(data: TrainingSet) -> None:
    batch, term = draw_batch(data, CONFIG, 0), LinearisingTerm(data, CONFIG)
    torch.manual_seed(0)
    z = {name: torch.randn(8, 8) for name in ("first", "second", "third")}
    value = float(term.loss(z, batch, data, CONFIG))
    z["third"][torch.from_numpy(~batch.triplets.is_even)] += 10
    assert float(term.loss(z, batch, data, CONFIG)) == value
