"""Stamps are read from bytes of every kind, and short bytes are told of."""

from __future__ import annotations

import numpy as np
import pytest
from rosbags.typesys import Stores, get_typestore

from slowfeat.errors import MessageError
from slowfeat_trainer import bags

STORE = get_typestore(Stores.ROS2_HUMBLE)
T = STORE.types
IMAGE = "sensor_msgs/msg/CompressedImage"
VIDEO = "foxglove_msgs/msg/CompressedVideo"
STAMP = 1_700_000_000_123_456_789


def image() -> object:
    time = T["builtin_interfaces/msg/Time"](sec=STAMP // 10**9, nanosec=STAMP % 10**9)
    header = T["std_msgs/msg/Header"](stamp=time, frame_id="camera")
    return T[IMAGE](header=header, format="jpeg", data=np.arange(3, dtype=np.uint8))


@pytest.mark.parametrize("little", [True, False])
def test_cdr_of_either_byte_order(little: bool) -> None:
    raw = bytes(STORE.serialize_cdr(image(), IMAGE, little_endian=little))
    assert bags.stamp_of_raw(True, raw, IMAGE) == STAMP
    assert bags.stamp_of_raw(True, memoryview(raw), IMAGE) == STAMP
    assert bags.header_stamp_of_cdr(raw) == STAMP


def test_ros_1_has_a_seq_before_the_stamp() -> None:
    raw = bytes(STORE.cdr_to_ros1(STORE.serialize_cdr(image(), IMAGE), IMAGE))
    assert bags.stamp_of_raw(False, raw, IMAGE) == STAMP


@pytest.mark.parametrize("is2", [True, False])
def test_compressed_video_begins_with_a_time(is2: bool) -> None:
    store = bags.default_typestore(is2)
    time = store.types["builtin_interfaces/msg/Time"](sec=STAMP // 10**9, nanosec=STAMP % 10**9)
    message = store.types[VIDEO](
        timestamp=time, frame_id="c", data=np.arange(3, dtype=np.uint8), format="h264"
    )
    serialize = store.serialize_cdr if is2 else store.serialize_ros1
    assert bags.stamp_of_raw(is2, bytes(serialize(message, VIDEO)), VIDEO) == STAMP


@pytest.mark.parametrize("is2", [True, False])
@pytest.mark.parametrize("size", [0, 1, 4, 11])
def test_short_bytes_are_refused(is2: bool, size: int) -> None:
    with pytest.raises(MessageError, match=f"of {size} bytes is too short"):
        bags.stamp_of_raw(is2, bytes(size), IMAGE)
