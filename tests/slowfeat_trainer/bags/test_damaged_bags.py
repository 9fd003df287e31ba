"""Of damaged bags everything that can be read is read, once, and the loss is told."""

from __future__ import annotations

import random
import shutil
import sqlite3
import struct
import time
from collections import Counter
from pathlib import Path

import pytest
from mcap.writer import CompressionType
from rosbags.rosbag2.storage_mcap import McapReader

from slowfeat.errors import BagError, SlowfeatError
from slowfeat_trainer import bags
from tests.helpers.bag_formats import (
    FORMATS,
    MCAP,
    SQLITE,
    Row,
    split,
    write_bag1,
    write_mcap,
    write_rosbag2,
)

# What may be lost behind a cut: a packed chunk that is not whole, or a row's overflow pages.
CHUNK_ROWS = 20
COMPRESSED_AS_ONE = (
    "mcap-storage-zstd",
    "mcap-file-zstd",
    "sqlite3-file-zstd",
    "mcap.zstd",
    "db3.zstd",
)


def read_all(path: Path) -> tuple[list[tuple[str, int]], list[str]]:
    """(topic, receive stamp) of the messages that can be deserialised, and the damage."""
    got = []
    with bags.open_bag(path) as reader:
        for connection, stamp, raw in reader.messages():
            try:
                bags.read_message(reader, raw, connection.msgtype)
            except SlowfeatError:
                continue
            got.append((connection.topic, stamp))
        return got, reader.damage


def places(rows: list[Row]) -> list[tuple[str, int]]:
    return [(row.topic, row.stamp) for row in rows]


def cut(file: Path, share: float) -> Path:
    data = file.read_bytes()
    file.write_bytes(data[: int(share * len(data))])
    return file


def flip(file: Path, at: int) -> None:
    data = bytearray(file.read_bytes())
    data[at] ^= 0x55
    file.write_bytes(data)


def storage_of(bag: Path) -> list[Path]:
    if bag.is_file():
        return [bag]
    return sorted(file for file in bag.iterdir() if file.name != "metadata.yaml")


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
@pytest.mark.parametrize(
    "name",
    ["mcap", "mcap-file", "mcap-file-lz4", "mcap-file-zstd-chunks", "mcap-file-unchunked",
     "mcap-message-zstd", "sqlite3", "sqlite3-message-zstd", "db3", "ros1", "ros1-bz2", "ros1-lz4",
     "ros1-active"],
)  # fmt: skip
def test_cut_files_give_the_messages_before_the_cut(
    name: str, share: float, made: Path, rows: list[Row], tmp_path: Path
) -> None:
    bag = FORMATS[name](made, tmp_path / "bag")
    (file,) = storage_of(bag)
    cut(file, share)
    got, damage = read_all(bag)
    assert set(got) <= set(places(rows))
    assert len(set(got)) == len(got)
    # The cut is in bytes and the count in messages; indexes and definitions take their part.
    assert len(got) >= share * len(rows) - (CHUNK_ROWS + 15)
    assert len(got) <= share * len(rows) + 30
    assert any("cut off" in sentence for sentence in damage), damage
    assert all(sentence.startswith(file.name) for sentence in damage)


def test_mcap_of_a_killed_recorder_is_read_whole(rows: list[Row], tmp_path: Path) -> None:
    file = write_mcap(tmp_path / "a.mcap", rows, CompressionType.ZSTD)
    with file.open("rb") as stream:
        stream.seek(-28, 2)
        (summary,) = struct.unpack("<Q", stream.read(8))
    # Before the summary stands the record that ends the data, 13 bytes.
    file.write_bytes(file.read_bytes()[: summary - 13])
    got, damage = read_all(file)
    assert got == places(rows)
    assert damage == [
        "a.mcap: it ends without its summary: the recorder was stopped before it was done"
    ]


def chunks_of(file: Path) -> list[tuple[int, int]]:
    """Where each chunk record begins, and its length."""
    reader = McapReader(file)
    reader.open()
    found = [(chunk.chunk_start_offset, chunk.chunk_length) for chunk in reader.chunks]
    reader.close()
    return found


@pytest.mark.parametrize("compression", list(CompressionType))
def test_a_chunk_that_fails_its_checksum_is_left_out_and_no_message_comes_twice(
    compression: CompressionType, rows: list[Row], tmp_path: Path
) -> None:
    file = write_mcap(tmp_path / "a.mcap", rows, compression)
    chunks = chunks_of(file)
    flip(file, chunks[3][0] + 300)
    got, damage = read_all(file)
    assert got == sorted(set(got), key=got.index)
    lost = len(rows) - len(got)
    assert 10 <= lost <= CHUNK_ROWS
    # It is one gap: what comes before and behind the chunk is all there.
    kept = [place in set(got) for place in places(rows)]
    assert "".join("x" if k else " " for k in kept).strip("x").strip() == ""
    assert damage == [
        f"a.mcap: 1 of {len(chunks)} chunks fails its checksum, lost with {lost} messages"
    ]


@pytest.mark.parametrize("byte", [1, 2, 3, 7])
def test_a_broken_length_of_a_record_costs_its_chunk_only(
    byte: int, rows: list[Row], tmp_path: Path
) -> None:
    file = write_mcap(tmp_path / "a.mcap", rows, CompressionType.LZ4)
    start = chunks_of(file)[2][0]
    flip(file, start + byte)
    # And no summary that would help.
    cut(file, 0.97)
    got, damage = read_all(file)
    assert len(rows) - 2 * CHUNK_ROWS <= len(got) < len(rows)
    assert any("between readable parts" in sentence for sentence in damage)


def test_a_wrong_time_in_the_index_hides_no_message(rows: list[Row], tmp_path: Path) -> None:
    file = write_mcap(tmp_path / "a.mcap", rows)
    data = bytearray(file.read_bytes())
    # A chunk index record: opcode, length, first and last stamp of its chunk, where it begins.
    begin = struct.pack("<Q", chunks_of(file)[4][0])
    at = data.rindex(begin)
    assert data[at - 25] == 0x08
    data[at - 8 : at] = data[at - 16 : at - 8]  # the last stamp becomes the first
    file.write_bytes(data)
    got, _ = read_all(file)
    assert Counter(got) == Counter(places(rows))


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


def test_a_broken_wal_is_told(made: Path, tmp_path: Path) -> None:
    bag = FORMATS["db3-wal"](made, tmp_path / "bag")
    flip(tmp_path / "bag.db3-wal", 40)
    with pytest.raises(BagError, match="SQLite accepts nothing of its -wal"):
        read_all(bag)


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


def test_one_lost_file_of_a_split_bag_leaves_the_other(rows: list[Row], tmp_path: Path) -> None:
    bag = split(tmp_path / "bag", rows, MCAP)
    (bag / "bag_0.mcap").write_bytes(b"")
    got, damage = read_all(bag)
    assert got == places(rows)[len(rows) // 2 :]
    assert damage == ["bag_0.mcap is empty, or nothing of it unpacks"]


def test_damage_is_told_once_however_often_a_bag_is_read(rows: list[Row], tmp_path: Path) -> None:
    file = write_mcap(tmp_path / "a.mcap", rows)
    flip(file, chunks_of(file)[1][0] + 200)
    with bags.open_bag(file) as reader:
        assert reader.damage == []
        counts = [len(list(reader.messages())) for _ in range(3)]
        assert len(reader.damage) == 1
    assert len(set(counts)) == 1


def test_a_file_of_which_nothing_can_be_read_is_refused(rows: list[Row], tmp_path: Path) -> None:
    bag = write_rosbag2(tmp_path / "bag", rows, MCAP)
    file = storage_of(bag)[0]
    data = bytearray(file.read_bytes())
    data[9 : len(data) - 3000] = bytes(len(data) - 3009)
    file.write_bytes(data)
    with pytest.raises(BagError) as caught:
        read_all(bag)
    assert "\n" not in str(caught.value)


def ruin(rng: random.Random, file: Path) -> None:
    data = bytearray(file.read_bytes())
    if rng.random() < 0.4:
        del data[rng.randrange(len(data)) :]
    else:
        for _ in range(rng.choice([1, 3, 30])):
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    if rng.random() < 0.1 and data:
        at = rng.randrange(len(data))
        data[at : at + 4096] = rng.randbytes(min(4096, len(data) - at))
    file.write_bytes(data)


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMATS)
def test_any_damage_gives_messages_or_one_line(
    name: str, made: Path, rows: list[Row], tmp_path: Path
) -> None:
    rng = random.Random(name)
    whole = FORMATS[name](made, tmp_path / "bag")
    read = 0
    for k in range(12):
        bag = tmp_path / str(k) / whole.name
        bag.parent.mkdir()
        (shutil.copytree if whole.is_dir() else shutil.copy)(whole, bag)
        for journal in tmp_path.glob("*-wal"):
            shutil.copy(journal, bag.parent)
        ruin(rng, rng.choice(storage_of(bag)))
        started = time.monotonic()
        try:
            got, damage = read_all(bag)
        except SlowfeatError as error:
            damage = [str(error)]
        else:
            read += len(got)
            assert max(Counter(got).values(), default=0) <= 1, "no message comes twice"
        assert all(sentence and "\n" not in sentence for sentence in damage)
        assert time.monotonic() - started < 20
    # One block of compression around everything leaves nothing when it is hit.
    if name not in COMPRESSED_AS_ONE:
        assert read > 4 * len(rows)
