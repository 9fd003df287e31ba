"""Damaging the files of bags, and reading what is left of them."""

from __future__ import annotations

from pathlib import Path

from rosbags.rosbag2.storage_mcap import McapReader

from slowfeat.errors import SlowfeatError
from slowfeat_trainer import bags
from tests.helpers.bag_formats import Row


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
    """Topic and receive stamp of each row."""
    return [(row.topic, row.stamp) for row in rows]


def cut(file: Path, share: float) -> Path:
    """The file, cut off after a share of its bytes."""
    data = file.read_bytes()
    file.write_bytes(data[: int(share * len(data))])
    return file


def flip(file: Path, at: int) -> None:
    """Flip half of the bits of one byte."""
    data = bytearray(file.read_bytes())
    data[at] ^= 0x55
    file.write_bytes(data)


def storage_of(bag: Path) -> list[Path]:
    """The storage files of a bag."""
    if bag.is_file():
        return [bag]
    return sorted(file for file in bag.iterdir() if file.name != "metadata.yaml")


def chunks_of(file: Path) -> list[tuple[int, int]]:
    """Where each chunk record begins, and its length."""
    reader = McapReader(file)
    reader.open()
    found = [(chunk.chunk_start_offset, chunk.chunk_length) for chunk in reader.chunks]
    reader.close()
    return found
