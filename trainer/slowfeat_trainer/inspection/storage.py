"""How a bag lies on disk: storage, compression, number of files, size."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from slowfeat_trainer.bags.finding import storage_files
from slowfeat_trainer.bags.storage_file import is_compressed, kind_of

NAMES = {"mcap": "MCAP", "sqlite3": "SQLite", "bag1": "ROS 1 bag"}
_MCAP_MAGIC, _MCAP_CHUNK = 8, 6
# A ROS 1 bag names its first chunk within its first pages.
_BAG1_BEGINNING = 1 << 16


@dataclass(frozen=True)
class Storage:
    """How a bag lies on disk."""

    # mcap, sqlite3 or bag1.
    kind: str
    # "zstd files", "zstd messages", "lz4 chunks", ...; empty for none.
    compression: str
    files: int
    size_bytes: int
    # "ROS 1" or "ROS 2", with the distribution where the bag names it.
    ros: str


def read_storage(path: Path, is_ros2: bool) -> Storage:
    """What the names and first bytes of a bag's files show."""
    files = storage_files(path) if path.is_dir() else [path]
    about = _metadata(path / "metadata.yaml") if path.is_dir() else {}
    kind = kind_of(files[0]) if files else None
    distro = str(about.get("ros_distro") or "")
    # rosbags writes its own name where the recorder writes its distribution.
    ros = ("ROS 2" if is_ros2 else "ROS 1") + (
        f" {distro}" if distro not in ("", "rosbags") else ""
    )
    return Storage(
        kind or "",
        _compression(files[0], kind or "", about) if files else "",
        len(files),
        sum(file.stat().st_size for file in files),
        ros,
    )


def _metadata(file: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        return dict(content["rosbag2_bagfile_information"])
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError):
        return {}


def _compression(file: Path, kind: str, about: dict[str, Any]) -> str:
    if is_compressed(file):
        return "zstd files"
    if str(about.get("compression_mode", "")).lower() == "message":
        return f"{about.get('compression_format') or 'zstd'} messages"
    name = ""
    try:
        if kind == "mcap":
            name = _of_mcap(file)
        elif kind == "bag1":
            name = _of_bag1(file)
    except (OSError, struct.error, UnicodeDecodeError):
        return ""
    return f"{name} chunks" if name not in ("", "none") else ""


def _of_mcap(file: Path) -> str:
    """The compression of the first chunk (MCAP specification, "Chunk")."""
    with file.open("rb") as stream:
        stream.seek(_MCAP_MAGIC)
        while head := stream.read(9):
            code, length = struct.unpack("<BQ", head)
            if code == _MCAP_CHUNK:
                # Two times, the size and the checksum come before it.
                (size,) = struct.unpack("<I", stream.read(32)[28:])
                return stream.read(min(size, 16)).decode("ascii")
            stream.seek(length, 1)
    return ""


def _of_bag1(file: Path) -> str:
    with file.open("rb") as stream:
        _, found, rest = stream.read(_BAG1_BEGINNING).partition(b"compression=")
    return next((name for name in ("lz4", "bz2") if found and rest.startswith(name.encode())), "")
