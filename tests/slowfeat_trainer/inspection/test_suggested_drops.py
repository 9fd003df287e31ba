"""What is said to be dropped is what the suggested command drops."""

from __future__ import annotations

from pathlib import Path

import pytest

from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.ingest.ingest_bag import read_recording
from slowfeat_trainer.inspection.drops import drops_of
from slowfeat_trainer.inspection.suggest import recommend
from slowfeat_trainer.inspection.survey import inspect_bag
from tests.helpers import bag_factory
from tests.helpers.bag_factory import BagRecipe, make_bag


def test_a_robot_that_stands_a_lot_is_told_what_its_suggestion_drops(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mostly_still(t: float, *_: bool) -> float:
        return 0.5 * max(t - 40.0, 0.0)

    monkeypatch.setattr(bag_factory, "_forward", mostly_still)
    monkeypatch.setattr(bag_factory, "yaw_at", mostly_still)
    bag = make_bag(tmp_path / "bag", BagRecipe(frames=610))
    survey = inspect_bag(bag, IngestOptions())
    suggested = recommend(survey)
    assert suggested.min_move_m > 0
    said = {f"{drop.kind}: {drop.reason}": drop.count for drop in drops_of(survey)}
    assert said == dict(read_recording(bag, suggested).dropped)
    assert sum(said.values()) > 300
