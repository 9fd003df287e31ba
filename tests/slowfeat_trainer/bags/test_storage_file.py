"""One storage file: whole ones by the readers of rosbags, damaged ones salvaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from slowfeat.errors import BagError
from slowfeat_trainer import bags
from slowfeat_trainer.bags import storage_file
from tests.helpers.bag_formats import FORMATS, Row, write_mcap
from tests.helpers.damaged_bags import chunks_of, flip, read_all


def test_a_broken_wal_is_told(made: Path, tmp_path: Path) -> None:
    bag = FORMATS["db3-wal"](made, tmp_path / "bag")
    flip(tmp_path / "bag.db3-wal", 40)
    with pytest.raises(BagError, match="SQLite rejects its -wal file"):
        read_all(bag)


def test_damage_is_told_once_however_often_a_bag_is_read(rows: list[Row], tmp_path: Path) -> None:
    file = write_mcap(tmp_path / "a.mcap", rows)
    flip(file, chunks_of(file)[1][0] + 200)
    with bags.open_bag(file) as reader:
        assert reader.damage == []
        counts = [len(list(reader.messages())) for _ in range(3)]
        assert len(reader.damage) == 1
    assert len(set(counts)) == 1


@pytest.mark.parametrize("name", ["mcap", "mcap-file-lz4", "sqlite3", "ros1-lz4", "mcap-split"])
def test_whole_files_go_through_the_readers_of_rosbags(
    name: str, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def salvage(*_: object) -> None:
        raise AssertionError("a whole file was salvaged")

    bag = FORMATS[name](made, tmp_path / "bag")
    monkeypatch.setattr(storage_file, "_SALVAGE", dict.fromkeys(storage_file._SALVAGE, salvage))
    assert len(read_all(bag)[0]) == 126


def test_wal_is_read_without_changing_the_files_of_the_user(made: Path, tmp_path: Path) -> None:
    bag = FORMATS["db3-wal"](made, tmp_path / "bag")
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert len(read_all(bag)[0]) == 126
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_messages_out_of_order_in_a_file_without_chunks_are_sorted(
    rows: list[Row], tmp_path: Path
) -> None:
    file = write_mcap(tmp_path / "a.mcap", [*rows[50:], *rows[:50]], use_chunking=False)
    got, damage = read_all(file)
    assert [stamp for _, stamp in got] == [row.stamp for row in rows]
    assert not damage
