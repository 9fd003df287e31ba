"""Sections of the demo's page, from a result made by hand."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from slowfeat_trainer.demo import sections
from slowfeat_trainer.demo.live_measure import Predictions
from slowfeat_trainer.demo.view_choices import Choices, choose


@pytest.fixture(scope="module")
def chosen(result: Any) -> Choices:
    return choose(result)


def test_a_find_is_right_within_its_time_and_wrong_beyond(result: Any, chosen: Choices) -> None:
    true = dataclasses.replace(result, nearest=result.after)
    stamps = result.material.held_out.stamps
    pictures = {int(stamp): "data:x" for stamp in stamps}
    shown = sections.examples(true, chosen, pictures)
    assert shown.count('class="right"') == len(chosen.examples)
    assert "predicted: the very frame" in shown
    still = sections.examples(dataclasses.replace(result, nearest=result.before), chosen, pictures)
    assert still.count('class="wrong"') == len(chosen.examples)
    assert "0.5 s before the truth" in still


def test_each_group_has_its_column_and_standing_still_scores_nothing(result: Any) -> None:
    table = sections.comparison(result)
    for group in ("all", "large", "small"):
        assert f"<th>{group} ({result.closer[group].pairs})</th>" in table
    assert "<td>copy baseline: the embedding now</td><td>0 %</td><td>0 %</td>" in table


def test_an_error_that_is_expected_exactly_is_said_to_be(result: Any) -> None:
    p = result.predictions
    real = np.linalg.norm(p.true_motion - p.after, axis=1)
    exact = dataclasses.replace(p, expected_error=real)
    section = sections.errors(dataclasses.replace(result, predictions=exact))
    assert "On average it expects 1.00 of the real error" in section
    half = dataclasses.replace(p, expected_error=real / 2)
    assert "expects 0.50" in sections.errors(dataclasses.replace(result, predictions=half))
    empty: Predictions = p.take(np.zeros(len(p), bool))
    assert sections.errors(dataclasses.replace(result, predictions=empty)) == ""


def test_patterns_without_pictures_say_nothing_of_them(result: Any, chosen: Choices) -> None:
    section = sections.patterns(result, chosen, {})
    assert section.count('class="pattern"') == 2
    assert "the images are a pair" not in section
    assert "10 pairs" in section
    assert "20 pairs" in section
