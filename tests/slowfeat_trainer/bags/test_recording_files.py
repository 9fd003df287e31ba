"""The files of one recording as one."""

from __future__ import annotations

from pathlib import Path

from mcap.writer import Writer as McapWriter

from slowfeat_trainer import bags
from tests.helpers.bag_formats import (
    FORMATS,
    MCAP,
    SQLITE,
    Row,
    edit_metadata,
    split,
    write_mcap,
    write_rosbag2,
)
from tests.helpers.damaged_bags import places, read_all


def test_one_lost_file_of_a_split_bag_leaves_the_other(rows: list[Row], tmp_path: Path) -> None:
    bag = split(tmp_path / "bag", rows, MCAP)
    (bag / "bag_0.mcap").write_bytes(b"")
    got, damage = read_all(bag)
    assert got == places(rows)[len(rows) // 2 :]
    assert damage == ["bag_0.mcap is empty, or none of it can be unpacked"]


def test_files_whose_times_overlap_are_merged(rows: list[Row], tmp_path: Path) -> None:
    folder = tmp_path / "bag"
    folder.mkdir()
    write_mcap(folder / "a.mcap", rows[::2])
    write_mcap(folder / "b.mcap", rows[1::2])
    got, damage = read_all(folder)
    assert [stamp for _, stamp in got] == [row.stamp for row in rows]
    assert not damage


def test_renamed_files_are_found_and_the_change_is_told(rows: list[Row], tmp_path: Path) -> None:
    bag = split(tmp_path / "bag", rows, SQLITE)
    (bag / "bag_0.db3").rename(bag / "morning.db3")
    got, damage = read_all(bag)
    assert len(got) == len(rows)
    assert damage == [
        "files that metadata.yaml names are missing (bag_0.db3), all files of the folder are used"
    ]


def test_files_that_metadata_does_not_name_are_left_out(rows: list[Row], tmp_path: Path) -> None:
    bag = write_rosbag2(tmp_path / "bag", rows, MCAP)
    write_mcap(bag / "other.mcap", rows)
    assert len(read_all(bag)[0]) == len(rows)


def test_early_metadata_names_compressed_files_without_suffix(made: Path, tmp_path: Path) -> None:
    bag = FORMATS["mcap-file-zstd"](made, tmp_path / "bag")
    edit_metadata(bag, lambda info: info.update(relative_file_paths=["bag/bag.mcap"]))
    got, damage = read_all(bag)
    assert len(got) == 126
    assert not damage


def test_topics_of_other_encodings_are_named_and_not_read(rows: list[Row], tmp_path: Path) -> None:
    with (tmp_path / "a.mcap").open("wb") as stream:
        writer = McapWriter(stream)
        writer.start(profile="ros2")
        schema = writer.register_schema("Text", "jsonschema", b"{}")
        text = writer.register_channel("/text", "json", schema)
        schema = writer.register_schema(rows[0].type, "ros2msg", rows[0].definition.encode())
        channel = writer.register_channel(rows[0].topic, "cdr", schema)
        writer.add_message(text, log_time=1, data=b"{}", publish_time=1)
        writer.add_message(channel, log_time=2, data=rows[0].data, publish_time=2)
        writer.finish()
    with bags.open_bag(tmp_path / "a.mcap") as reader:
        assert [topic.name for topic in bags.topics_of(reader)] == sorted([rows[0].topic, "/text"])
        read = list(bags.messages(reader, rows[0].topic, rows[0].type))
        assert [stamp for stamp, _ in read] == [2]
