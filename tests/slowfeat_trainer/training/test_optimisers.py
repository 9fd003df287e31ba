"""Optimiser and schedules by the papers and by hand."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
import torch

from slowfeat.errors import UsageError
from slowfeat_trainer.methods import build_method, training_set
from slowfeat_trainer.training import loop as training
from slowfeat_trainer.training.optimisers import build_optimiser, learning_rate_factor
from tests.helpers.made_up_drive import made_up_set, small_config
from tests.helpers.short_trainings import config


def test_the_papers_optimiser_and_schedules(data: training_set.TrainingSet, tmp_path: Path) -> None:
    settings = config(optimiser="sgd", schedule="steps", learning_rate=1e-2, steps=40)
    method = build_method(data, settings)
    optimiser, schedule = build_optimiser(method, settings)
    assert isinstance(optimiser, torch.optim.SGD)
    assert optimiser.defaults["nesterov"]
    rates = []
    for step in range(40):
        schedule(step)
        rates.append(optimiser.param_groups[0]["lr"])
    assert rates[0] == 1e-2
    assert rates[30] == pytest.approx(1e-3)
    assert rates[-1] == pytest.approx(1e-4)
    assert learning_rate_factor("constant", 39, 40) == 1.0
    assert learning_rate_factor("cosine", 40, 40) == pytest.approx(0.0)
    training.train(data, settings, tmp_path)
    with pytest.raises(UsageError, match="there are adamw, sgd"):
        config(optimiser="adam")


def test_the_rate_warms_up_from_above_zero_and_falls_to_nothing() -> None:
    rates = [learning_rate_factor("cosine", step, 1000) for step in range(1001)]
    assert 0 < rates[0] < 0.1
    assert all(a < b for a, b in pairwise(rates[:50]))
    assert max(rates) < 1
    assert rates.index(max(rates)) == pytest.approx(50, abs=1)
    assert rates[500] == pytest.approx(0.5, abs=1e-3)
    assert all(a > b for a, b in pairwise(rates[60:]))
    assert rates[-1] == pytest.approx(0, abs=1e-9)


def test_the_first_step_moves_the_network() -> None:
    data, settings = made_up_set(), small_config(steps=100)
    method = build_method(data, settings)
    optimiser, schedule = build_optimiser(method, settings)
    schedule(0)
    peaks = [group["lr"] for group in method.parameter_groups(settings)]
    for group, peak in zip(optimiser.param_groups, peaks, strict=True):
        assert 0 < group["lr"] < peak
