"""Every kind of bag gives the same topics, stamps and messages, and says so when all is well."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from slowfeat.images import decode_message
from slowfeat_trainer import bags
from tests.helpers.bag_formats import FORMATS, Row

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
