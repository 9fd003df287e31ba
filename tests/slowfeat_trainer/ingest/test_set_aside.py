"""Messages that were put aside come back as the bag has them, from memory and from disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from slowfeat_trainer import bags
from slowfeat_trainer.ingest import set_aside
from slowfeat_trainer.ingest.set_aside import SetAside
from tests.helpers.bag_factory import BagRecipe, make_bag


@pytest.mark.parametrize("in_memory", [0, 5000, 16 << 20])  # none of it, some, all
def test_they_come_back_in_their_order(
    in_memory: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(set_aside, "_IN_MEMORY", in_memory)
    bag = make_bag(tmp_path / "bag", BagRecipe(frames=30))
    with bags.open_bag(bag) as reader:
        topics = {topic.type: topic for topic in bags.topics_of(reader)}
        odometry = topics["nav_msgs/msg/Odometry"]
        aside = SetAside(reader, odometry, tmp_path)
        everything = list(reader.messages())
        expected = [row for row in everything if aside.is_of(row[0])]
        for row in expected:
            aside.put(*row)
        stand_in = cast("Any", aside)
        found = list(bags.raw_messages(stand_in, odometry.name, odometry.type))
        assert found == expected
        assert len(found) > 60
        assert found == list(bags.raw_messages(stand_in, odometry.name, odometry.type))
        # All else is the bag's own.
        others = next(topic for topic in topics.values() if topic is not odometry)
        assert list(bags.raw_messages(stand_in, others.name, others.type)) == [
            row
            for row in everything
            if (row[0].topic, row[0].msgtype) == (others.name, others.type)
        ]
        aside.close()
    assert [path.name for path in tmp_path.iterdir()] == ["bag"]
