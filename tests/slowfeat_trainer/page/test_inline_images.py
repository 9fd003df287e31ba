"""Images inside a page."""

from __future__ import annotations

from slowfeat_trainer.page.inline_images import evenly


def test_samples_are_spread_evenly():
    assert evenly(100, 4).tolist() == [12, 37, 62, 87]
    assert evenly(2, 4).tolist() == [0, 1]
    assert evenly(0, 4).tolist() == []
