"""Definitions that are broken or wrong, and what is no bag."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from rosbags.rosbag2 import Writer
from rosbags.typesys import Stores, get_typestore

from slowfeat.errors import BagError, MessageError, UsageError
from slowfeat_trainer import bags
from slowfeat_trainer.bags.reading import MOST_OTHERS
from tests.helpers.bag_formats import MCAP, SQLITE, Row, write_bag1
from tests.helpers.damaged_bags import read_all


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
        assert reader.damage == []  # nobody needs that topic
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


def test_of_thousands_of_types_only_those_that_are_read_cost_time(
    rows: list[Row], tmp_path: Path
) -> None:
    with Writer(tmp_path / "bag", version=8, storage_plugin=MCAP) as writer:
        for k in range(MOST_OTHERS + 50):
            writer.add_connection(f"/x{k}", f"a/msg/T{k}", msgdef="string data\n", rihs01="x")
        store = get_typestore(Stores.ROS2_HUMBLE)
        connection = writer.add_connection("/odom", "nav_msgs/msg/Odometry", typestore=store)
        for row in rows:
            if row.topic == "/odom":
                writer.write(connection, row.stamp, row.data)
    with bags.open_bag(tmp_path / "bag") as reader:
        known = [kind for kind in reader.typestore.fielddefs if kind.startswith("a/msg/T")]
        assert len(known) == MOST_OTHERS
        assert len(list(bags.messages(reader, "/odom", "nav_msgs/msg/Odometry"))) == 84
