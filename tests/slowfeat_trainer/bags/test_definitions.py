"""Definitions of which no message ends are refused before one is read."""

from __future__ import annotations

import pytest
from rosbags.typesys import Stores, get_types_from_msg, get_typestore

from slowfeat_trainer.bags.definitions import is_bounded

RULE = "=" * 80


@pytest.mark.parametrize("store", [Stores.ROS2_HUMBLE, Stores.ROS1_NOETIC])
def test_the_types_of_a_distribution_are_bounded(store: Stores) -> None:
    assert is_bounded(get_typestore(store).fielddefs)


@pytest.mark.parametrize(
    ("text", "bounded"),
    [
        ("float64[36] covariance\nuint8[] data\nstring<=5[<=3] names\n", True),
        (f"a/C[] c\n{RULE}\nMSG: a/C\nuint8[640] row\n", True),
        (f"std_msgs/Empty[4000000000] e\n{RULE}\nMSG: std_msgs/Empty\n", False),
        ("float64[2147483647] e\n", False),
        ("B b\n", False),
        ("B[] b\n", False),
        (f"C c\n{RULE}\nMSG: a/C\nB[2] b\n", False),
        (f"a/C[10000] c\n{RULE}\nMSG: a/C\na/D[10000] d\n{RULE}\nMSG: a/D\nuint8 x\n", False),
    ],
)
def test_what_never_ends_is_found(text: str, bounded: bool) -> None:
    assert is_bounded(get_types_from_msg(text, "a/msg/B")) is bounded


def test_types_in_types_have_a_depth() -> None:
    parts = [f"{RULE}\nMSG: a/T{i}\nT{i + 1} a" for i in range(800)]
    text = "\n".join(["T0 a", *parts, f"{RULE}\nMSG: a/T800\nuint8 a"])
    assert not is_bounded(get_types_from_msg(text, "a/msg/B"))
