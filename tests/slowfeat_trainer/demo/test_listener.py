"""What the demo's listener notes of the messages that it hears."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy", reason="needs slowfeat[ros] or a sourced ROS 2")
pytest.importorskip("slowfeat_interfaces", reason="needs ros2_ws built: make setup")
pytestmark = pytest.mark.ros


def message(stamp_ns: int, data: list[float]) -> Any:
    stamp = SimpleNamespace(sec=stamp_ns // 10**9, nanosec=stamp_ns % 10**9)
    return SimpleNamespace(header=SimpleNamespace(stamp=stamp), data=data)


def test_embeddings_are_kept_by_their_stamp_and_the_second_of_one_is_counted() -> None:
    from slowfeat_trainer.demo.listener import Listener

    listener = Listener("/demo/encoder")
    listener._on_embedding(message(5_000_000_001, [1.0, 2.0]))
    arrived = dict(listener.arrived_ns)
    listener._on_embedding(message(5_000_000_001, [9.0, 9.0]))
    listener._on_embedding(message(6_000_000_000, [3.0, 4.0]))
    assert listener.repeated == 1
    assert list(listener.embeddings) == [5_000_000_001, 6_000_000_000]
    # The first that came counts, with its time.
    np.testing.assert_array_equal(listener.embeddings[5_000_000_001], [1.0, 2.0])
    assert listener.arrived_ns[5_000_000_001] == arrived[5_000_000_001]
    assert listener.arrived_ns[6_000_000_000] >= arrived[5_000_000_001]


def test_predictions_and_the_bundle_are_noted() -> None:
    from slowfeat_trainer.demo.listener import Listener

    listener = Listener("/demo/encoder")
    listener._on_predictions(message(7, []))
    listener._on_predictions(message(7, []))
    listener._on_info("the bundle")
    assert listener.predicted == {7}
    assert listener.info == "the bundle"
