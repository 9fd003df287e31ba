"""Of damaged ROS 1 bags everything that can be read is read, once."""

from __future__ import annotations

import struct
from collections import Counter
from pathlib import Path

from tests.helpers.bag_formats import Row, write_bag1
from tests.helpers.damaged_bags import flip, places, read_all

# What may be lost behind a cut: a packed chunk that is not whole, or a row's overflow pages.
CHUNK_ROWS = 20


def test_ros_1_bag_without_index_is_read_whole(rows: list[Row], tmp_path: Path) -> None:
    file = write_bag1(tmp_path / "a.bag.active", rows, "lz4")
    data = bytearray(file.read_bytes())
    # index_pos, conn_count and chunk_count are 0 until rosbag closes the file.
    at = data.index(b"index_pos=") + len(b"index_pos=")
    (index,) = struct.unpack_from("<Q", data, at)
    data[at : at + 8] = bytes(8)
    file.write_bytes(data[:index])
    got, damage = read_all(file)
    assert Counter(got) == Counter(places(rows))
    assert damage == [
        "a.bag.active: it ends without its index: the recorder was stopped before it was done"
    ]


def test_a_broken_chunk_of_a_ros_1_bag_is_stepped_over(rows: list[Row], tmp_path: Path) -> None:
    file = write_bag1(tmp_path / "a.bag", rows, "bz2")
    data = file.read_bytes()
    starts = [at for at in range(len(data)) if data.startswith(b"BZh9", at)]
    flip(file, starts[2] + 100)
    got, damage = read_all(file)
    assert len(rows) - CHUNK_ROWS - 10 <= len(got) < len(rows)
    assert damage == [f"a.bag: 1 of {len(starts)} chunks cannot be unpacked, lost with messages"]
