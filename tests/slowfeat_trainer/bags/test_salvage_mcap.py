"""Of damaged MCAP files everything that can be read is read, once."""

from __future__ import annotations

import struct
from collections import Counter
from pathlib import Path

import pytest
from mcap.writer import CompressionType

from tests.helpers.bag_formats import Row, write_mcap
from tests.helpers.damaged_bags import chunks_of, cut, flip, places, read_all

# What may be lost behind a cut: a packed chunk that is not whole, or a row's overflow pages.
CHUNK_ROWS = 20


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
