"""A length that a file claims takes no memory that the file could not fill."""

from __future__ import annotations

import struct
import tracemalloc
from pathlib import Path

import pytest

from slowfeat.errors import BagError
from slowfeat_trainer import bags
from slowfeat_trainer.bags.bounded_file import BoundedPath


def test_a_read_gives_what_is_there(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(bytes(range(100)) * 30000)
    with BoundedPath(file).open("rb") as stream:
        assert stream.read(3) == b"\0\1\2"
        assert len(stream.read(2**40)) == 3_000_000 - 3
        assert stream.read(2**40) == b""
        stream.seek(10)
        assert stream.read() == file.read_bytes()[10:]
    with BoundedPath(file).open() as text:
        assert text.mode == "r"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.bag", b"#ROSBAG V2.0\n" + struct.pack("<I", 2**31) + b"x" * 100),
        ("a.mcap", b"\x89MCAP0\r\n\x01" + struct.pack("<Q", 2**40) + b"x" * 100),
        ("b.mcap", b"\x89MCAP0\r\n\x03" + struct.pack("<Q", 2**33) + b"x" * 100),
    ],
)
def test_a_claimed_length_is_damage_and_takes_no_memory(
    name: str, content: bytes, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    tracemalloc.start()
    try:
        with pytest.raises(BagError, match=name), bags.open_bag(tmp_path / name):
            pass
        assert tracemalloc.get_traced_memory()[1] < 100e6
    finally:
        tracemalloc.stop()
