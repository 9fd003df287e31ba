"""Types that a bag need not define."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from slowfeat_trainer import bags
from tests.helpers.bag_formats import Row, humble_db3

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
