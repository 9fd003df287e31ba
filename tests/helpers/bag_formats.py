"""One recording in every kind of bag: rewrites a made bag (bag_factory.make_bag) into each other.

`FORMATS` maps a name to a function (path of the made bag, target) -> path of the new bag. `target`
is a path that does not exist yet; the path returned is what a user would give on the command line,
beside or below it. Every bag holds the same topics, receive stamps and messages.
"""

from __future__ import annotations

import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from mcap.writer import CompressionType
from mcap.writer import Writer as McapWriter
from rosbags.highlevel import AnyReader
from rosbags.rosbag1 import Writer as Bag1Writer
from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin, Writer
from rosbags.typesys import Stores, get_types_from_msg, get_typestore

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

STORE = get_typestore(Stores.ROS2_HUMBLE)
# ROS 1 spells some fields otherwise (CameraInfo has D, K, R, P) and needs a seq in each header.
STORE1 = get_typestore(Stores.ROS1_NOETIC)
STORE1.register(
    get_types_from_msg("geometry_msgs/TransformStamped[] transforms\n", "tf2_msgs/msg/TFMessage")
)
# Small, so that tiny bags have many chunks.
CHUNK_BYTES = 20_000


@dataclass(frozen=True)
class Row:
    """One serialised message (CDR) and where it belongs."""

    topic: str
    type: str
    definition: str
    stamp: int
    data: bytes


def rows_of(bag: Path) -> list[Row]:
    """All messages of a made bag in the order of their receive stamps."""
    with AnyReader([bag]) as reader:
        return [
            Row(c.topic, c.msgtype, c.msgdef.data, stamp, bytes(raw))
            for c, stamp, raw in reader.messages()
        ]


def write_rosbag2(
    target: Path,
    rows: list[Row],
    plugin: StoragePlugin,
    mode: CompressionMode = CompressionMode.NONE,
    version: int = 8,
) -> Path:
    """A rosbag2 folder with one storage file."""
    writer = Writer(target, version=version, storage_plugin=plugin)  # type: ignore[arg-type]
    writer.set_compression(mode, CompressionFormat.ZSTD)
    with writer:
        connections: dict[str, Any] = {}
        for row in rows:
            if row.topic not in connections:
                connections[row.topic] = writer.add_connection(row.topic, row.type, typestore=STORE)
            writer.write(connections[row.topic], row.stamp, row.data)
    return target


def write_mcap(
    file: Path,
    rows: list[Row],
    compression: CompressionType = CompressionType.NONE,
    **options: Any,
) -> Path:
    """A bare .mcap file in small chunks, written by the reference implementation."""
    with file.open("wb") as stream:
        writer = McapWriter(stream, chunk_size=CHUNK_BYTES, compression=compression, **options)
        writer.start(profile="ros2", library="bag_formats")
        schemas: dict[str, int] = {}
        channels: dict[str, int] = {}
        for row in rows:
            if row.type not in schemas:
                schemas[row.type] = writer.register_schema(
                    row.type, "ros2msg", row.definition.encode()
                )
            if row.topic not in channels:
                channels[row.topic] = writer.register_channel(row.topic, "cdr", schemas[row.type])
            writer.add_message(
                channels[row.topic], log_time=row.stamp, data=row.data, publish_time=row.stamp
            )
        writer.finish()
    return file


def write_bag1(file: Path, rows: list[Row], compression: str = "none") -> Path:
    """A ROS 1 .bag in small chunks, messages and definitions as ROS 1 has them."""
    writer = Bag1Writer(file)
    writer.chunk_threshold = CHUNK_BYTES
    if compression != "none":
        writer.set_compression(Bag1Writer.CompressionFormat[compression.upper()])
    with writer:
        connections: dict[str, Any] = {}
        for row in rows:
            if row.topic not in connections:
                connections[row.topic] = writer.add_connection(
                    row.topic, row.type, typestore=STORE1, callerid="/recorder"
                )
            data = bytes(STORE.cdr_to_ros1(row.data, row.type))
            writer.write(connections[row.topic], row.stamp, data)
    return file


def edit_metadata(bag: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """Change metadata.yaml in place; returns the bag."""
    file = bag / "metadata.yaml"
    content = yaml.safe_load(file.read_text())
    change(content["rosbag2_bagfile_information"])
    file.write_text(yaml.safe_dump(content))
    return bag


def split(target: Path, rows: list[Row], plugin: StoragePlugin) -> Path:
    """A folder of two files, as `ros2 bag record --max-bag-duration` leaves it."""
    half = len(rows) // 2
    suffix = ".mcap" if plugin == StoragePlugin.MCAP else ".db3"
    parts = [
        write_rosbag2(target.with_name(f"{target.name}_part{k}"), part, plugin)
        for k, part in enumerate([rows[:half], rows[half:]])
    ]
    target.mkdir()
    infos = [yaml.safe_load((part / "metadata.yaml").read_text()) for part in parts]
    whole, later = (info["rosbag2_bagfile_information"] for info in infos)
    names = [f"{target.name}_{k}{suffix}" for k in range(2)]
    for part, name in zip(parts, names, strict=True):
        shutil.move(part / f"{part.name}{suffix}", target / name)
        shutil.rmtree(part)
    counts = {t["topic_metadata"]["name"]: t for t in whole["topics_with_message_count"]}
    for topic in later["topics_with_message_count"]:
        known = counts.setdefault(topic["topic_metadata"]["name"], topic)
        if known is not topic:
            known["message_count"] += topic["message_count"]
    whole["topics_with_message_count"] = list(counts.values())
    whole["message_count"] += later["message_count"]
    whole["relative_file_paths"] = names
    whole["files"] = []
    whole["duration"]["nanoseconds"] = rows[-1].stamp - rows[0].stamp
    (target / "metadata.yaml").write_text(yaml.safe_dump(infos[0]))
    return target


def humble_db3(file: Path, rows: list[Row], wal: bool = False) -> Path:
    """A bare .db3 as ROS 2 Humble writes it: schema 3, no message definitions.

    With `wal` every message is still in the write-ahead log, as a killed recorder leaves it.
    """
    made = file.with_name(f"{file.name}.writing") if wal else file
    database = sqlite3.connect(made)
    if wal:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA wal_autocheckpoint=0")
    database.executescript(
        """
        CREATE TABLE schema(schema_version INTEGER PRIMARY KEY, ros_distro TEXT NOT NULL);
        CREATE TABLE metadata(id INTEGER PRIMARY KEY, metadata_version INTEGER NOT NULL,
                              metadata TEXT NOT NULL);
        CREATE TABLE topics(id INTEGER PRIMARY KEY, name TEXT NOT NULL, type TEXT NOT NULL,
                            serialization_format TEXT NOT NULL, offered_qos_profiles TEXT NOT NULL);
        CREATE TABLE messages(id INTEGER PRIMARY KEY, topic_id INTEGER NOT NULL,
                              timestamp INTEGER NOT NULL, data BLOB NOT NULL);
        CREATE INDEX timestamp_idx ON messages (timestamp ASC);
        INSERT INTO schema(schema_version, ros_distro) VALUES (3, 'humble');
        """
    )
    ids: dict[str, int] = {}
    for row in rows:
        if row.topic not in ids:
            ids[row.topic] = len(ids) + 1
            database.execute(
                "INSERT INTO topics VALUES(?, ?, ?, 'cdr', '')",
                (ids[row.topic], row.topic, row.type),
            )
        database.execute(
            "INSERT INTO messages (topic_id, timestamp, data) VALUES(?, ?, ?)",
            (ids[row.topic], row.stamp, row.data),
        )
    database.commit()
    if wal:
        # Closing would empty the log into the database: copy both while it is open.
        for end in ("", "-wal"):
            shutil.copy(f"{made}{end}", f"{file}{end}")
    database.close()
    made.unlink() if wal else None
    return file


def zstd_of(file: Path) -> Path:
    """The file compressed as rosbag2 does it, under name.zstd; the plain one is gone."""
    packed = file.with_name(f"{file.name}.zstd")
    packed.write_bytes(zstd.compress(file.read_bytes()))
    file.unlink()
    return packed


def _storage(bag: Path) -> Path:
    """The storage file of a rosbag2 folder."""
    return next(file for file in sorted(bag.iterdir()) if file.name != "metadata.yaml")


def _without_metadata(bag: Path) -> Path:
    (bag / "metadata.yaml").unlink()
    return bag


def _with(bag: Path, metadata: str) -> Path:
    (bag / "metadata.yaml").write_text(metadata)
    return bag


def _missing_file(bag: Path) -> Path:
    return edit_metadata(bag, lambda info: info["relative_file_paths"].append("never_there_9.mcap"))


def _folder_of(target: Path, files: Iterator[tuple[str, list[Row]]]) -> Path:
    target.mkdir()
    for name, rows in files:
        write_mcap(target / name, rows)
    return target


def _in_ten(target: Path, rows: list[Row]) -> Path:
    """Eleven files without metadata, whose names sort naturally but not by letters."""
    size = -(-len(rows) // 11)
    parts = ((f"drive_{k}.mcap", rows[k * size : (k + 1) * size]) for k in range(11))
    return _folder_of(target, parts)


MCAP, SQLITE = StoragePlugin.MCAP, StoragePlugin.SQLITE3
FILE, MESSAGE, STORAGE = CompressionMode.FILE, CompressionMode.MESSAGE, CompressionMode.STORAGE
_WRITERS: dict[str, Callable[[Path, list[Row]], Path]] = {
    # rosbag2 folders
    "mcap": lambda t, r: write_rosbag2(t, r, MCAP),
    "mcap-v9": lambda t, r: write_rosbag2(t, r, MCAP, version=9),
    "mcap-storage-zstd": lambda t, r: write_rosbag2(t, r, MCAP, STORAGE),
    "mcap-file-zstd": lambda t, r: write_rosbag2(t, r, MCAP, FILE),
    "mcap-message-zstd": lambda t, r: write_rosbag2(t, r, MCAP, MESSAGE),
    "mcap-split": lambda t, r: split(t, r, MCAP),
    "mcap-no-metadata": _in_ten,
    "mcap-broken-metadata": lambda t, r: _with(write_rosbag2(t, r, MCAP), "rosbag2_bagfile_inf: ["),
    "mcap-empty-metadata": lambda t, r: _with(write_rosbag2(t, r, MCAP), ""),
    "mcap-missing-file": lambda t, r: _missing_file(write_rosbag2(t, r, MCAP)),
    "sqlite3": lambda t, r: write_rosbag2(t, r, SQLITE),
    "sqlite3-file-zstd": lambda t, r: write_rosbag2(t, r, SQLITE, FILE),
    "sqlite3-message-zstd": lambda t, r: write_rosbag2(t, r, SQLITE, MESSAGE),
    "sqlite3-split": lambda t, r: split(t, r, SQLITE),
    "sqlite3-no-metadata": lambda t, r: _without_metadata(split(t, r, SQLITE)),
    # single files
    "mcap-file": lambda t, r: write_mcap(t.with_suffix(".mcap"), r),
    "mcap-file-lz4": lambda t, r: write_mcap(t.with_suffix(".mcap"), r, CompressionType.LZ4),
    "mcap-file-zstd-chunks": lambda t, r: write_mcap(
        t.with_suffix(".mcap"), r, CompressionType.ZSTD
    ),
    "mcap-file-unchunked": lambda t, r: write_mcap(t.with_suffix(".mcap"), r, use_chunking=False),
    "mcap.zstd": lambda t, r: zstd_of(write_mcap(t.with_suffix(".mcap"), r)),
    "db3": lambda t, r: humble_db3(t.with_suffix(".db3"), r),
    "db3-wal": lambda t, r: humble_db3(t.with_suffix(".db3"), r, wal=True),
    "db3.zstd": lambda t, r: zstd_of(humble_db3(t.with_suffix(".db3"), r)),
    # ROS 1
    "ros1": lambda t, r: write_bag1(t.with_suffix(".bag"), r),
    "ros1-bz2": lambda t, r: write_bag1(t.with_suffix(".bag"), r, "bz2"),
    "ros1-lz4": lambda t, r: write_bag1(t.with_suffix(".bag"), r, "lz4"),
    "ros1-active": lambda t, r: write_bag1(t.with_suffix(".bag"), r).rename(
        t.with_suffix(".bag.active")
    ),
}


def _rewrite(writer: Callable[[Path, list[Row]], Path], bag: Path, target: Path) -> Path:
    return writer(target, rows_of(bag))


FORMATS: dict[str, Callable[[Path, Path], Path]] = {
    name: partial(_rewrite, writer) for name, writer in _WRITERS.items()
}
