"""Labelled views of the grid, and pixels as a code."""

from __future__ import annotations

import numpy as np

from slowfeat_papers.jayaraman.grid import few_labels, with_labelled
from slowfeat_papers.material.view_grid import every_view
from slowfeat_trainer.data.labels import UNLABELLED


def test_labelled_views_follow_nothing(grid, setting):
    views = every_view(grid, grid.labelled)
    chosen = few_labels(views, 0)
    part, labels = with_labelled(setting.part, views, chosen)
    assert len(part.pairs_at_gap(0.5)) == len(setting.part.pairs_at_gap(0.5))
    assert (labels.of_frame[: len(setting.part)] == UNLABELLED).all()
    assert np.bincount(labels.of_frame[len(setting.part) :]).tolist() == [10] * 5
    np.testing.assert_array_equal(part.frames[[len(part) - 1]], views.frames[chosen[-1:]])
