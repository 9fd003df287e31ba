"""The offset of odometry that training found, from whatever bundle.json holds."""

from __future__ import annotations

from typing import Any

import pytest

from slowfeat.bundle_info import BundleInfo, Frames
from slowfeat.odometry_offset import trained_offset_s


def info(training: dict[str, Any]) -> BundleInfo:
    return BundleInfo("b", [8, 8], 4, "l2", Frames(), [], [0.0] * 6, [0.0] * 6, training=training)


@pytest.mark.parametrize(
    ("training", "offset"),
    [
        ({}, 0.0),
        ({"bags": [{"odom_offset_s": 0.205}]}, 0.205),
        ({"bags": [{"odom_offset_s": 0.1}, {"odom_offset_s": 0.2}, {"odom_offset_s": 0.3}]}, 0.2),
        ({"bags": [{"odom_offset_s": 0.1}], "adapted": {"odom_offset_s": 0.0}}, 0.0),
        ({"bags": [{"odom_offset_s": None}, {}, "x", {"odom_offset_s": float("nan")}]}, 0.0),
        ({"bags": "many", "adapted": []}, 0.0),
        ({"bags": [{"odom_offset_s": True}]}, 0.0),
    ],
)
def test_offset_of_a_bundle(training: dict[str, Any], offset: float) -> None:
    assert trained_offset_s(info(training)) == pytest.approx(offset)


def test_the_error_model_of_the_odometry_counts_before_its_bags() -> None:
    found: Any = info({"bags": [{"odom_offset_s": 0.1}]})
    found.odometry = type("Model", (), {"delay_s": 0.15})()
    assert trained_offset_s(found) == pytest.approx(0.15)
