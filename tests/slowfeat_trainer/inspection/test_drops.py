"""Messages that ingest would leave out."""

from __future__ import annotations

from pathlib import Path

import pytest

from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.inspection.drops import drops_of
from slowfeat_trainer.inspection.survey import inspect_bag
from tests.helpers.bag_factory import BagRecipe, make_bag

DEFAULT = IngestOptions()
FAULTY = BagRecipe(
    zero_stamp={5}, repeated_stamp={9, 10}, broken_jpeg={20, 21, 90}, nan_pose={30, 31, 32, 100}
)


def test_drops_are_shares_of_their_topic(tmp_path: Path) -> None:
    rows = {d.reason: d for d in drops_of(inspect_bag(make_bag(tmp_path / "bag", FAULTY), DEFAULT))}
    assert rows["cannot be decoded"].kind == "image"
    assert rows["cannot be decoded"].share == pytest.approx(3 / 120)
    assert rows["pose not finite"].kind == "odometry"
    assert rows["pose not finite"].share == pytest.approx(4 / 244)
