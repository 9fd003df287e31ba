"""The checksum of a bag is of its data alone."""

from __future__ import annotations

from pathlib import Path

from slowfeat_trainer.bags import bag_sha256
from tests.helpers.bag_factory import make_bag


def test_the_hash_is_of_the_data_alone(tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "bag")
    before = bag_sha256(bag)
    (bag / "metadata.yaml").write_text((bag / "metadata.yaml").read_text() + "\n")
    assert bag_sha256(bag) == before
    file = next(bag.glob("*.mcap"))
    file.write_bytes(file.read_bytes() + b"x")
    assert bag_sha256(bag) != before
