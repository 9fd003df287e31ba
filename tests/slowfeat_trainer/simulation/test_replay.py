"""A bag is replayed byte for byte and at its own pace, through real DDS, between processes."""

import hashlib
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from rosbags.rosbag1 import Writer as Bag1Writer
from rosbags.rosbag2 import StoragePlugin, Writer
from rosbags.typesys import Stores, get_types_from_msg, get_typestore

from slowfeat.errors import BagError, UsageError
from slowfeat_trainer.bags import header_stamp_of_cdr
from slowfeat_trainer.simulation.replay import replay

HELPERS = Path(__file__).parents[2] / "helpers"
STORE = get_typestore(Stores.ROS2_HUMBLE)
ODD = "nowhere_msgs/msg/Odd"
STORE.register(get_types_from_msg("uint8 value\n", ODD))
IMAGE = "sensor_msgs/msg/CompressedImage"
# Long ago, and not round: nothing may be rounded or replaced by now.
START_NS = 1_600_000_000_123_456_789
GAP_NS = 50_000_000
COUNT = 30

needs_ros = [
    pytest.mark.ros,
    pytest.mark.skipif(
        importlib.util.find_spec("rclpy") is None, reason="rclpy is not installed: make setup"
    ),
]


def content(index):
    # Odd lengths: alignment matters in CDR.
    return np.arange(101 + index, dtype=np.uint8)


def image(index):
    """Stamp in ns and serialised message."""
    stamp_ns = START_NS + index * GAP_NS
    sec, nanosec = divmod(stamp_ns, 10**9)
    time = STORE.types["builtin_interfaces/msg/Time"](sec=sec, nanosec=nanosec)
    header = STORE.types["std_msgs/msg/Header"](stamp=time, frame_id="camera_optical_frame")
    message = STORE.types[IMAGE](header=header, format="jpeg", data=content(index))
    return stamp_ns, bytes(STORE.serialize_cdr(message, IMAGE))


@pytest.fixture(scope="module")
def bag(tmp_path_factory):
    """Images every 50 ms, received 7 ms after their stamp, and a topic of an unknown type."""
    path = tmp_path_factory.mktemp("replay") / "bag"
    with Writer(path, version=8, storage_plugin=StoragePlugin.MCAP) as writer:
        images = writer.add_connection("/camera/compressed", IMAGE, typestore=STORE)
        odd = writer.add_connection("/odd", ODD, typestore=STORE)
        writer.write(odd, START_NS, b"\x00\x01\x00\x00\x01")
        for index in range(COUNT):
            stamp_ns, data = image(index)
            writer.write(images, stamp_ns + 7_000_000, data)
    return path


@pytest.fixture
def environment():
    # A domain of its own, so that tests at the same time do not hear each other.
    python_path = os.pathsep.join([*sys.path, os.environ.get("PYTHONPATH", "")])
    return os.environ | {
        "ROS_DOMAIN_ID": str(1 + os.getpid() % 100),
        "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST",
        "PYTHONPATH": python_path,
    }


@pytest.fixture
def run_replay(environment):
    def run(*words, timeout=60):
        command = [sys.executable, "-m", "slowfeat_trainer.simulation.replay", *map(str, words)]
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=timeout, check=False
        )

    return run


class TestLive:
    pytestmark = needs_ros

    def test_every_message_arrives_unchanged_and_in_time(
        self, bag, environment, run_replay, tmp_path
    ):
        words = [HELPERS / "stamp_listener.py", "/camera/compressed", IMAGE, str(COUNT), "30"]
        listener = subprocess.Popen(
            [sys.executable, *words], env=environment, stdout=subprocess.PIPE, text=True
        )
        try:
            done = run_replay(bag, "--rate", 2, "--timeout", 30, "--sent", tmp_path / "sent.json")
            assert done.returncode == 0, done.stderr
            out, _ = listener.communicate(timeout=60)
        finally:
            listener.kill()
        got = [json.loads(line) for line in out.splitlines()]

        stamps = [image(index)[0] for index in range(COUNT)]
        contents = [hashlib.sha256(content(index)).hexdigest() for index in range(COUNT)]
        assert [row["stamp_ns"] for row in got] == stamps
        assert [row["sha256"] for row in got] == contents
        assert {row["frame"] for row in got} == {"camera_optical_frame"}
        assert "left out /odd" in done.stderr

        log = json.loads((tmp_path / "sent.json").read_text())
        assert log["published"] == {"/camera/compressed": COUNT}
        assert [sent["stamp_ns"] for sent in log["images"]] == stamps
        sent_ns = np.array([sent["monotonic_ns"] for sent in log["images"]])
        # Twice as fast as recorded; the machine may be busy.
        assert np.median(np.diff(sent_ns)) == pytest.approx(GAP_NS / 2, rel=0.2)
        assert (np.array([row["monotonic_ns"] for row in got]) > sent_ns).all()

    def test_without_a_subscriber_it_gives_up_and_says_so(self, bag, run_replay):
        done = run_replay(bag, "--timeout", 0.2)
        assert done.returncode == 1
        assert "no node subscribed to /camera/compressed" in done.stderr
        assert len(done.stderr.splitlines()) == 1

    def test_nobody_has_to_be_waited_for(self, bag, run_replay):
        assert run_replay(bag, "--rate", 100, "--wait-for").returncode == 0

    def test_a_bag_of_unknown_types_is_refused(self, bag, run_replay):
        done = run_replay(bag, "--topics", "/odd")
        assert done.returncode == 1
        assert ODD in done.stderr


def test_the_stamp_is_read_without_deserialising():
    stamp_ns, data = image(3)
    assert header_stamp_of_cdr(data) == stamp_ns


def test_an_unknown_topic_lists_the_topics(bag):
    with pytest.raises(UsageError, match=r"no topic /none; it has /camera/compressed, /odd"):
        replay(bag, topics=["/none"])


@pytest.mark.parametrize("rate", [0.0, -1.0, float("inf"), float("nan")])
def test_a_rate_that_is_no_rate_is_refused(bag, rate):
    with pytest.raises(UsageError, match="rate"):
        replay(bag, rate=rate)


def test_a_path_that_is_not_there_is_named(tmp_path):
    with pytest.raises(UsageError, match="does not exist"):
        replay(tmp_path / "none")


def test_a_ros1_bag_is_refused(tmp_path):
    store = get_typestore(Stores.ROS1_NOETIC)
    path = tmp_path / "old.bag"
    with Bag1Writer(path) as writer:
        topic = writer.add_connection("/text", "std_msgs/msg/String", typestore=store)
        text = store.types["std_msgs/msg/String"](data="hello")
        writer.write(topic, 1, store.serialize_ros1(text, "std_msgs/msg/String"))
    with pytest.raises(BagError, match="ROS 1 bag"):
        replay(path)
