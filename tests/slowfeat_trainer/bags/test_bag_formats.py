"""Every kind of bag gives the same topics, stamps and messages, and says so when all is well."""

from __future__ import annotations

import stat
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from mcap.writer import Writer as McapWriter
from rosbags.rosbag2 import Writer
from rosbags.typesys import Stores, get_typestore

from slowfeat.errors import BagError, MessageError, UsageError
from slowfeat.images import decode_message
from slowfeat_trainer import bags
from slowfeat_trainer.bags import storage_file
from tests.helpers.bag_formats import (
    FORMATS,
    MCAP,
    SQLITE,
    Row,
    edit_metadata,
    humble_db3,
    split,
    write_bag1,
    write_mcap,
    write_rosbag2,
)

IMAGE = "sensor_msgs/msg/CompressedImage"
WITH_NEWS = ("mcap-broken-metadata", "mcap-empty-metadata", "mcap-missing-file")


def read_all(path: Path) -> tuple[list[tuple[str, int]], list[str]]:
    """(topic, receive stamp) of all messages, each deserialised, and the damage."""
    with bags.open_bag(path) as reader:
        got = []
        for connection, stamp, raw in reader.messages():
            bags.read_message(reader, raw, connection.msgtype)
            got.append((connection.topic, stamp))
        return got, reader.damage


@pytest.mark.parametrize("name", FORMATS)
class TestEveryFormat:
    def test_holds_the_same_messages_in_the_order_of_time(
        self, name: str, made: Path, rows: list[Row], tmp_path: Path
    ) -> None:
        got, damage = read_all(FORMATS[name](made, tmp_path / "bag"))
        assert Counter(got) == Counter((row.topic, row.stamp) for row in rows)
        assert [stamp for _, stamp in got] == sorted(stamp for _, stamp in got)
        assert bool(damage) == (name in WITH_NEWS), damage

    def test_has_one_connection_a_topic_and_the_times_of_all_files(
        self, name: str, made: Path, rows: list[Row], tmp_path: Path
    ) -> None:
        with bags.open_bag(FORMATS[name](made, tmp_path / "bag")) as reader:
            found = {topic.name: (topic.type, topic.count) for topic in bags.topics_of(reader)}
            assert len(reader.connections) == len(found)
            assert reader.is2 == (not name.startswith("ros1"))
            assert reader.start_time == min(row.stamp for row in rows)
            assert reader.duration == max(row.stamp for row in rows) - reader.start_time + 1
            assert reader.message_count == len(rows)
        counts = Counter(row.topic for row in rows)
        assert found == {row.topic: (row.type, counts[row.topic]) for row in rows}

    def test_pictures_stamps_and_numbers_are_those_that_were_recorded(
        self, name: str, made: Path, tmp_path: Path
    ) -> None:
        with bags.open_bag(FORMATS[name](made, tmp_path / "bag")) as reader:
            topic = "/camera/image/compressed"
            for connection, _, raw in bags.raw_messages(reader, topic, IMAGE):
                message = bags.read_message(reader, raw, connection.msgtype)
                stamp = bags.stamp_of_raw(reader.is2, raw, IMAGE)
                assert stamp == bags.header_stamp_ns(message)
                assert decode_message(message).shape == (48, 64, 3)
            poses = [
                m.pose.pose for _, m in bags.messages(reader, "/odom", "nav_msgs/msg/Odometry")
            ]
            xs = np.array([pose.position.x for pose in poses])
        np.testing.assert_allclose(xs, 0.4 * (np.arange(len(xs)) - 2) / 20, atol=1e-12)

    def test_start_and_stop_bound_the_stamps(
        self, name: str, made: Path, rows: list[Row], tmp_path: Path
    ) -> None:
        start, stop = rows[0].stamp + 10**9, rows[0].stamp + 2 * 10**9
        with bags.open_bag(FORMATS[name](made, tmp_path / "bag")) as reader:
            got = [stamp for _, stamp, _ in reader.messages(start=start, stop=stop)]
        assert sorted(got) == [row.stamp for row in rows if start <= row.stamp < stop]


@pytest.mark.parametrize("name", ["mcap", "mcap-file-lz4", "sqlite3", "ros1-lz4", "mcap-split"])
def test_whole_files_go_through_the_readers_of_rosbags(
    name: str, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def salvage(*_: object) -> None:
        raise AssertionError("a whole file was salvaged")

    bag = FORMATS[name](made, tmp_path / "bag")
    monkeypatch.setattr(storage_file, "_SALVAGE", dict.fromkeys(storage_file._SALVAGE, salvage))
    assert len(read_all(bag)[0]) == 126


def test_wal_is_read_without_changing_the_files_of_the_user(made: Path, tmp_path: Path) -> None:
    bag = FORMATS["db3-wal"](made, tmp_path / "bag")
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert len(read_all(bag)[0]) == 126
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_files_whose_times_overlap_are_merged(rows: list[Row], tmp_path: Path) -> None:
    folder = tmp_path / "bag"
    folder.mkdir()
    write_mcap(folder / "a.mcap", rows[::2])
    write_mcap(folder / "b.mcap", rows[1::2])
    got, damage = read_all(folder)
    assert [stamp for _, stamp in got] == [row.stamp for row in rows]
    assert not damage


def test_messages_out_of_order_in_a_file_without_chunks_are_sorted(
    rows: list[Row], tmp_path: Path
) -> None:
    file = write_mcap(tmp_path / "a.mcap", [*rows[50:], *rows[:50]], use_chunking=False)
    got, damage = read_all(file)
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


VIDEO = "foxglove_msgs/msg/CompressedVideo"
PACKET = "ffmpeg_image_transport_msgs/msg/FFMPEGPacket"
DRIVE = "ackermann_msgs/msg/AckermannDriveStamped"


def test_bags_without_definitions_may_hold_video_and_ackermann(tmp_path: Path) -> None:
    store = bags.default_typestore()
    T = store.types
    time = T["builtin_interfaces/msg/Time"](sec=7, nanosec=9)
    header = T["std_msgs/msg/Header"](stamp=time, frame_id="car")
    data = np.arange(5, dtype=np.uint8)
    drive = T["ackermann_msgs/msg/AckermannDrive"](0.1, 0.0, 2.5, 0.0, 0.0)
    messages = {
        VIDEO: T[VIDEO](timestamp=time, frame_id="cam", data=data, format="h264"),
        PACKET: T[PACKET](header, 64, 48, "hevc", 3, 1, False, data),
        DRIVE: T[DRIVE](header=header, drive=drive),
    }
    rows = [
        Row(f"/{kind.rpartition('/')[2]}", kind, "", k, bytes(store.serialize_cdr(message, kind)))
        for k, (kind, message) in enumerate(messages.items())
    ]
    with bags.open_bag(humble_db3(tmp_path / "a.db3", rows)) as reader:
        got = {}
        for connection, _, raw in reader.messages():
            assert bags.stamp_of_raw(True, raw, connection.msgtype) == 7_000_000_009
            got[connection.msgtype] = bags.read_message(reader, raw, connection.msgtype)
    assert got[VIDEO].format == "h264"
    assert got[PACKET].encoding == "hevc"
    assert got[DRIVE].drive.speed == 2.5


def test_a_definition_that_cannot_be_parsed_costs_its_topic_only(
    rows: list[Row], tmp_path: Path
) -> None:
    with Writer(tmp_path / "bag", version=8, storage_plugin=MCAP) as writer:
        odd = writer.add_connection("/odd", "a/msg/Odd", msgdef="float32[ x", rihs01="x")
        writer.write(odd, rows[0].stamp, b"\x00\x01\x00\x00\x01")
        store = get_typestore(Stores.ROS2_HUMBLE)
        connection = writer.add_connection("/odom", "nav_msgs/msg/Odometry", typestore=store)
        for row in rows:
            if row.topic == "/odom":
                writer.write(connection, row.stamp, row.data)
    with bags.open_bag(tmp_path / "bag") as reader:
        assert len(list(bags.messages(reader, "/odom", "nav_msgs/msg/Odometry"))) == 84
        assert reader.damage == ["/odd: its definition of a/msg/Odd is broken"]
        with pytest.raises(MessageError, match="a/msg/Odd message is malformed"):
            list(bags.messages(reader, "/odd", "a/msg/Odd"))


def test_a_definition_that_disagrees_with_its_hash_is_told_and_used(
    rows: list[Row], tmp_path: Path
) -> None:
    store = get_typestore(Stores.ROS2_HUMBLE)
    kind = "nav_msgs/msg/Odometry"
    text, _ = store.generate_msgdef(kind, ros_version=2)
    with Writer(tmp_path / "bag", version=8, storage_plugin=SQLITE) as writer:
        connection = writer.add_connection("/odom", kind, msgdef=text, rihs01="RIHS01_00")
        for row in rows:
            if row.topic == "/odom":
                writer.write(connection, row.stamp, row.data)
    got, damage = read_all(tmp_path / "bag")
    assert len(got) == 84
    assert damage == ["/odom: its definition of nav_msgs/msg/Odometry and the hash of it disagree"]


def test_topics_of_other_encodings_are_left_out(rows: list[Row], tmp_path: Path) -> None:
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
        assert [topic.name for topic in bags.topics_of(reader)] == [rows[0].topic]
        assert [stamp for _, stamp, _ in reader.messages()] == [2]


class TestRefusals:
    def test_nothing_there(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="does not exist"), bags.open_bag(tmp_path / "a"):
            pass

    @pytest.mark.parametrize("name", ["a.mcap", "a.db3", "a.bag", "a.txt", "a.mcap.zstd"])
    @pytest.mark.parametrize("content", [b"", b"hello", bytes(5000)])
    def test_a_file_that_is_no_bag(self, name: str, content: bytes, tmp_path: Path) -> None:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(BagError, match=f"{name} cannot be read as a bag: ") as caught:
            read_all(tmp_path / name)
        assert "\n" not in str(caught.value)

    def test_a_folder_without_bags(self, tmp_path: Path) -> None:
        (tmp_path / "notes.md").write_text("hello")
        with pytest.raises(BagError, match=r"holds no \.mcap, \.db3 or \.bag file"):
            read_all(tmp_path)

    def test_a_file_that_must_not_be_read(self, rows: list[Row], tmp_path: Path) -> None:
        file = write_bag1(tmp_path / "a.bag", rows)
        file.chmod(0)
        try:
            file.open("rb").close()
        except PermissionError:
            with pytest.raises(BagError, match="Permission denied"):
                read_all(file)
        finally:
            file.chmod(stat.S_IRUSR | stat.S_IWUSR)
