"""A recording's key and length."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from slowfeat_trainer.data.recording import Camera, Recording


def recording(sha256: str, stamps: list[int]) -> Recording:
    count = len(stamps)
    return Recording(
        path=Path("bag"),
        sha256=sha256,
        frames=np.zeros((count, 2, 2, 3), np.uint8),
        stamps=np.array(stamps, np.int64),
        poses=np.zeros((count, 4, 4)),
        episode=np.zeros(count, np.int32),
        camera=Camera(),
        body_frame="base_link",
        image_topic="/image",
        odom_topic="/odom",
    )


def test_a_key_tells_bags_apart_and_fits_a_float() -> None:
    a, b = recording("a", [0]), recording("b", [0])
    assert a.key == recording("a", [1, 2]).key != b.key
    assert float(a.key + 0) >= 0
    assert a.key < 2**56


def test_seconds_are_from_the_first_frame_to_the_last() -> None:
    assert recording("a", [1_000_000_000, 3_500_000_000]).seconds == 2.5
    assert recording("a", []).seconds == 0.0
    assert len(recording("a", [1, 2, 3])) == 3
