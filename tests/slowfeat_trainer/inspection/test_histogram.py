"""Histograms of motions."""

from __future__ import annotations

import numpy as np
import pytest

from slowfeat_trainer.inspection import histogram


def test_histograms_count_what_they_say() -> None:
    motions = np.zeros((10, 6))
    motions[:, 5] = np.deg2rad([-30, -7, -7, 0, 0, 0, 3, 3, 15, 40])
    motions[:, 0] = [0.0, 0.0, 0.1, 0.1, 0.1, 0.2, 0.2, 0.2, 0.2, 0.5]
    turns = dict(zip(histogram.turns(motions).labels, histogram.turns(motions).shares, strict=True))
    assert turns["below -20"] == turns["above 20"] == turns["10 to 20"] == 0.1
    assert turns["-10 to -5"] == turns["2 to 5"] == 0.2
    assert turns["-2 to 2"] == 0.3
    forward = histogram.forward(motions)
    assert sum(forward.shares) == pytest.approx(1.0)
    assert dict(zip(forward.labels, forward.shares, strict=True))["0.15 to 0.25"] == 0.4


@pytest.mark.parametrize("motions", [np.zeros((0, 6)), np.zeros((5, 6))])
def test_histograms_of_nothing_and_of_standing_still(motions: np.ndarray) -> None:
    for chart in (histogram.turns(motions), histogram.forward(motions)):
        assert sum(chart.shares) == (1.0 if len(motions) else 0.0)
