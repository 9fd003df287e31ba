"""Of damaged bags everything that can be read is read, once, and the loss is told."""

from __future__ import annotations

import random
import shutil
import time
from collections import Counter
from pathlib import Path

import pytest

from slowfeat.errors import SlowfeatError
from tests.helpers.bag_formats import FORMATS, Row
from tests.helpers.damaged_bags import cut, places, read_all, storage_of

# What may be lost behind a cut: a packed chunk that is not whole, or a row's overflow pages.
CHUNK_ROWS = 20
COMPRESSED_AS_ONE = (
    "mcap-storage-zstd",
    "mcap-file-zstd",
    "sqlite3-file-zstd",
    "mcap.zstd",
    "db3.zstd",
)


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
        assert read > 3 * len(rows)
