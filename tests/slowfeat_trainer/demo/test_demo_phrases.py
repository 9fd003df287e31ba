"""What the demo says follows its figures."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from slowfeat_trainer.demo.demo_phrases import verdict
from slowfeat_trainer.demo.live_measure import Closer

GOOD = Closer(40, 0.9, 0.6, 0.4, 0.5, 0.8, 0.5)


def said(result: Any, all_: Closer, large: Closer) -> str:
    return verdict(dataclasses.replace(result, closer={"all": all_, "large": large, "small": all_}))


def test_a_good_prediction_is_called_one_by_its_figures(result: Any) -> None:
    text = said(result, GOOD, GOOD)
    assert "1 of 40" in text or "did not come back" in text
    assert "is 90 % of the time; its mean error is 0.50" in text
    assert "For large motions, knowing the true motion" in text
    assert "helps 80 % of the time" in text


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"error_over_change": 1.2}, "it does not predict well here"),
        ({"true_motion": 0.4}, "only 40 % of the time"),
        ({"true_beats_wrong": 0.55}, "it has not yet learned what motions do"),
        ({"no_motion": 0.95}, "part of what it does is to smooth"),
        ({"error_over_change": None}, "there was nothing to predict"),
        ({"true_motion": None}, "no pairs of frames to judge"),
    ],
)
def test_a_poor_one_is_not_praised(result: Any, changes: dict[str, Any], says: str) -> None:
    poor = dataclasses.replace(GOOD, **changes)
    assert says in said(result, poor, poor)


def test_few_large_motions_are_not_spoken_of(result: Any) -> None:
    few = dataclasses.replace(GOOD, pairs=19, true_beats_wrong=0.1)
    text = said(result, GOOD, few)
    assert "For large motions" not in text
    assert "Knowing the true motion" in text
