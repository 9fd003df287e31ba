"""Chunks read in place give what rosbags gives, message for message."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from mcap.writer import CompressionType
from rosbags.rosbag2 import ReaderError
from rosbags.rosbag2.storage_mcap import McapReader

from slowfeat_trainer.bags.mcap_reader import ChunkedMcapReader
from tests.helpers.bag_formats import Row, write_mcap

Got = list[tuple[str, int, bytes]]


def read(kind: type[McapReader], file: Path, topics: set[str] | None = None, **window: int) -> Got:
    reader = kind(file)
    reader.open()
    try:
        chosen = [c for c in reader.connections if topics is None or c.topic in topics]
        return [(c.topic, t, bytes(raw)) for c, t, raw in reader.messages(chosen, **window)]
    finally:
        reader.close()


def both(file: Path, topics: set[str] | None = None, **window: int) -> Got:
    """What our reader gives, which is what rosbags' gives."""
    got = read(ChunkedMcapReader, file, topics, **window)
    assert got == read(McapReader, file, topics, **window)
    return got


@pytest.mark.parametrize("compression", list(CompressionType))
def test_every_message_comes_as_from_rosbags(
    compression: CompressionType, rows: list[Row], tmp_path: Path
) -> None:
    file = write_mcap(tmp_path / "bag.mcap", rows, compression)
    assert both(file) == [(row.topic, row.stamp, row.data) for row in rows]
    topic = rows[0].topic
    assert both(file, {topic}) == [(r.topic, r.stamp, r.data) for r in rows if r.topic == topic]
    third, last = rows[len(rows) // 3].stamp, rows[-1].stamp
    assert len(both(file, start=third, stop=last)) < len(rows) - 1
    assert both(file, start=last + 1) == []


@pytest.mark.parametrize(
    "disorder",
    [
        lambda k: random.Random(k).randrange(3_000_000_000),  # chunks that overlap all
        lambda k: random.Random(k).randrange(30_000_000),  # and those that overlap a little
        lambda k: -2 * 10**7 * k,  # backwards
        lambda k: -(10**7) * (k % 20),  # many of one time
    ],
)
def test_messages_that_were_written_out_of_order_come_by_time(
    disorder: Callable[[int], int], rows: list[Row], tmp_path: Path
) -> None:
    moved = [
        replace(r, stamp=rows[0].stamp + 10**12 + 10**7 * k + disorder(k))
        for k, r in enumerate(rows)
    ]
    got = both(write_mcap(tmp_path / "bag.mcap", moved))
    assert len(got) == len(rows)
    assert [stamp for _, stamp, _ in got] == sorted(row.stamp for row in moved)


def test_without_chunks_rosbags_reads(rows: list[Row], tmp_path: Path) -> None:
    file = write_mcap(tmp_path / "bag.mcap", rows, use_chunking=False)
    assert len(both(file)) == len(rows)


def test_a_record_that_leaves_its_chunk_is_an_error_and_no_message(
    rows: list[Row], tmp_path: Path
) -> None:
    file = write_mcap(tmp_path / "bag.mcap", rows, enable_crcs=False)
    data = bytearray(file.read_bytes())
    at = data.index(rows[-1].data) - 30
    assert struct.unpack_from("<Q", data, at)[0] == 22 + len(rows[-1].data)
    for length in (5, 22 + len(rows[-1].data) + 9, 2**60):
        struct.pack_into("<Q", data, at, length)
        file.write_bytes(data)
        with pytest.raises(ReaderError, match="cut off"):
            read(ChunkedMcapReader, file)
