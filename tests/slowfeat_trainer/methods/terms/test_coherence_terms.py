"""Coherence in time: which frames of a batch are neighbours, and which push each other away."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from slowfeat_trainer.methods.terms.coherence_terms import DrlimTerm, TemporalTerm
from slowfeat_trainer.methods.training_set import TrainingSet, draw_batch
from tests.helpers.made_up_drive import made_up_set, small_config

CONFIG = small_config("drlim")


@pytest.fixture(scope="module")
def data() -> TrainingSet:
    found = made_up_set()
    block = (np.arange(len(found.part)) >= 20).astype(np.int64)
    return dataclasses.replace(found, part=dataclasses.replace(found.part, block=block))


@pytest.mark.parametrize(("term", "order"), [(DrlimTerm, 2), (TemporalTerm, 1)])
def test_it_is_the_contrast_of_frames_by_hand(
    data: TrainingSet, term: type[DrlimTerm], order: int
) -> None:
    batch = draw_batch(data, CONFIG, 0)
    code = 0.3 * np.random.default_rng(0).normal(size=(len(data.part), 8))
    made = term(data, CONFIG)
    z = {name: torch.tensor(code[index]) for name, index in made.views(batch).items()}

    def distance(i: int, j: int) -> float:
        return float(np.linalg.norm(code[i] - code[j], ord=order))

    others = np.concatenate([batch.before, batch.after])
    attract = np.mean([distance(i, i + 1) for i in batch.near])
    repel = [
        max(0.0, 1.0 - distance(i, j))
        for i in batch.near
        for j in others
        if abs(i - j) > 1 or data.part.block[i] != data.part.block[j]
    ]
    expected = attract + np.mean(repel)
    assert float(made.loss(z, batch, data, CONFIG)) == pytest.approx(expected, rel=1e-5)
