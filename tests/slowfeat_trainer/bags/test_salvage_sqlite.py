"""Of damaged SQLite files everything that can be read is read, once."""

from __future__ import annotations

import sqlite3
from collections import Counter
from pathlib import Path

from tests.helpers.bag_formats import SQLITE, Row, write_rosbag2
from tests.helpers.damaged_bags import places, read_all, storage_of


def test_broken_pages_of_sqlite_are_stepped_over(rows: list[Row], tmp_path: Path) -> None:
    bag = write_rosbag2(tmp_path / "bag", rows, SQLITE)
    file = storage_of(bag)[0]
    pages = file.stat().st_size // 4096
    data = bytearray(file.read_bytes())
    leaves = [p for p in range(pages) if data[4096 * p] == 0x0D]
    for page in leaves[-3:]:
        data[4096 * page : 4096 * page + 200] = bytes([0xFF]) * 200
    file.write_bytes(data)
    got, damage = read_all(bag)
    assert len(set(got)) == len(got)
    assert len(rows) - 30 <= len(got) < len(rows)
    assert "bag.db3: 3 pages broken" in damage


def test_a_broken_tree_of_sqlite_costs_nothing(rows: list[Row], tmp_path: Path) -> None:
    bag = write_rosbag2(tmp_path / "bag", rows, SQLITE)
    file = storage_of(bag)[0]
    with sqlite3.connect(file) as database:
        (root,) = database.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'messages'"
        ).fetchone()
    database.close()
    data = bytearray(file.read_bytes())
    assert data[4096 * (root - 1)] == 0x05  # an inner page
    data[4096 * (root - 1) : 4096 * root] = bytes(4096)
    file.write_bytes(data)
    got, _ = read_all(bag)
    assert Counter(got) == Counter(places(rows))
