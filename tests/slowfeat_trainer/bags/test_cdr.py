"""Strings and lengths are found where rosbags puts them."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from rosbags.typesys import Stores, get_typestore

from slowfeat_trainer.bags.cdr import ENCAPSULATION, STAMP_BYTES, aligned, length_at, string_at

STORE = get_typestore(Stores.ROS2_HUMBLE)
KIND = "sensor_msgs/msg/CompressedImage"


def message(frame: str, picture_format: str) -> bytes:
    time = STORE.types["builtin_interfaces/msg/Time"](sec=1, nanosec=2)
    header = STORE.types["std_msgs/msg/Header"](stamp=time, frame_id=frame)
    data = np.arange(7, dtype=np.uint8)
    made = STORE.types[KIND](header=header, format=picture_format, data=data)
    return bytes(STORE.serialize_cdr(made, KIND))


@pytest.mark.parametrize("frame", ["", "a", "ab", "abc", "abcd", "kamera_ä"])
@pytest.mark.parametrize("picture_format", ["", "jpeg", "webp!"])
def test_one_field_behind_the_other(frame: str, picture_format: str) -> None:
    raw = message(frame, picture_format)
    found, end = string_at(raw, ENCAPSULATION + STAMP_BYTES)
    assert found == frame
    found, end = string_at(raw, end)
    assert found == picture_format
    length, begin = length_at(raw, end)
    assert (length, raw[begin : begin + length]) == (7, bytes(range(7)))


def test_alignment_counts_from_behind_the_encapsulation() -> None:
    assert [aligned(offset, 4) for offset in range(4, 10)] == [4, 8, 8, 8, 8, 12]
    assert [aligned(offset, 8) for offset in (4, 5, 12, 13)] == [4, 12, 12, 20]


def test_what_is_no_string_is_told() -> None:
    raw = message("camera", "jpeg")
    at = ENCAPSULATION + STAMP_BYTES
    with pytest.raises(struct.error):
        string_at(raw[: at + 2], at)
    for broken in (raw[: at + 8], raw.replace(b"camera\x00", b"camera_"), raw[:at] + bytes(8)):
        with pytest.raises(IndexError):
            string_at(broken, at)
    with pytest.raises(UnicodeDecodeError):
        string_at(raw.replace(b"camera", b"\xff\xff\xff\xff\xff\xff"), at)
