"""How a bag lies on disk, by the first bytes of files made by hand."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from slowfeat_trainer.inspection.storage import Storage, read_storage


def mcap(compression: bytes) -> bytes:
    """The beginning of an MCAP file: magic, a header record, a chunk."""
    header = struct.pack("<BQ", 1, 8) + bytes(8)
    content = bytes(28) + struct.pack("<I", len(compression)) + compression + bytes(8)
    return b"\x89MCAP0\r\n" + header + struct.pack("<BQ", 6, len(content)) + content


@pytest.mark.parametrize(
    ("name", "content", "compression"),
    [
        ("a.mcap", mcap(b"zstd"), "zstd chunks"),
        ("a.mcap", mcap(b""), ""),
        ("a.mcap", b"\x89MCAP0\r\n\x06", ""),
        ("a.bag", b"#ROSBAG V2.0\nop=5 compression=lz4 size=9", "lz4 chunks"),
        ("a.bag", b"#ROSBAG V2.0\nop=5 compression=none", ""),
        ("a.db3", b"SQLite format 3\x00", ""),
    ],
)
def test_a_file_tells_of_its_chunks(
    tmp_path: Path, name: str, content: bytes, compression: str
) -> None:
    (tmp_path / name).write_bytes(content)
    found = read_storage(tmp_path / name, is_ros2=True)
    kind = {"mcap": "mcap", "bag": "bag1", "db3": "sqlite3"}[name.split(".")[1]]
    assert found == Storage(kind, compression, 1, len(content), "ROS 2")


@pytest.mark.parametrize(
    ("about", "compression", "ros"),
    [
        ("{ros_distro: jazzy, compression_mode: MESSAGE}", "zstd messages", "ROS 2 jazzy"),
        ("{ros_distro: rosbags}", "", "ROS 2"),
        ("[not, a, mapping]", "", "ROS 2"),
    ],
)
def test_a_folder_says_more(tmp_path: Path, about: str, compression: str, ros: str) -> None:
    for number in range(2):
        (tmp_path / f"a_{number}.db3").write_bytes(b"SQLite format 3\x00")
    (tmp_path / "metadata.yaml").write_text(f"rosbag2_bagfile_information: {about}\n")
    found = read_storage(tmp_path, is_ros2=True)
    assert (found.compression, found.ros) == (compression, ros)
    assert (found.files, found.size_bytes) == (2, 32)
    assert read_storage(tmp_path, is_ros2=False).ros.startswith("ROS 1")
