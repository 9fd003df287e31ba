"""What the methods on the grid of views are asked to learn, alone and with labels."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from slowfeat_papers.jayaraman import grid_of_views
from slowfeat_papers.jayaraman.grid_of_views import LAMBDA, row_alone, row_joint
from slowfeat_papers.jayaraman.networks import Setting
from slowfeat_papers.material.part import Bench
from slowfeat_papers.material.view_grid import GridOfViews, every_view


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What is learned, with nothing trained or measured."""
    found: list[dict[str, Any]] = []

    def learn(
        _: object, setting: Any, preset: str, seed: int, tag: str = "", *more: Any, **changes: Any
    ) -> object:
        labels = more[0] if more else None
        found.append(
            {"setting": setting, "preset": preset, "tag": tag, "labels": labels, **changes}
        )
        return SimpleNamespace(folder=Path("nowhere"))

    monkeypatch.setattr(grid_of_views, "learn", learn)
    monkeypatch.setattr(grid_of_views, "scale_of_features", lambda *_: 4.0)
    monkeypatch.setattr(grid_of_views, "row_of", lambda *_: {})
    return found


def test_alone_each_method_has_its_own_margins_and_ours_their_own_steps(
    bench: Bench, setting: Setting, asked: list[dict[str, Any]]
) -> None:
    base: Any = SimpleNamespace(setting=setting)
    for preset in ("random", "equiv", "slowfeat"):
        row_alone(bench, base, preset, 0)
    row_alone(bench, base, "equiv", 0, optimiser="adamw")
    untrained, equiv, ours, adam = asked
    assert "drlim_margin" not in untrained
    assert (equiv["equivariance_margin"], equiv["tag"]) == (4.0, "")
    assert (ours["steps"], ours["map_rows"]) == (100, 8)
    assert (adam["optimiser"], adam["tag"], adam["schedule"]) == ("adamw", "adamw", "cosine")


def test_with_labels_a_method_stands_beside_the_classification(
    bench: Bench, grid: GridOfViews, setting: Setting, asked: list[dict[str, Any]]
) -> None:
    base: Any = SimpleNamespace(setting=setting, views=every_view(grid, grid.labelled))
    row_joint(bench, base, "clsnet", 0)
    row_joint(bench, base, "equiv", 0)
    row_joint(bench, base, "equiv", 0, weight=0.3, tag="other", equivariance_margin=9.0)
    clsnet, equiv, other = asked
    assert "regulariser_weight" not in clsnet
    assert equiv["regulariser_weight"] == LAMBDA
    # The labelled views stand behind the walks, ten of each object.
    count = len(equiv["setting"].part) - len(setting.part)
    assert count == 10 * len(grid.labelled)
    assert (equiv["labels"].of_frame >= 0).sum() == count
    assert (other["regulariser_weight"], other["tag"]) == (0.3, "other")
    assert other["equivariance_margin"] == 9.0
