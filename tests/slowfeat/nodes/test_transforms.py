"""Frames by ~/extrinsic, by /tf_static and by tf2; doubles stand for the packages
that are not among the wheels.
"""

from __future__ import annotations

import types
from typing import Any

import numpy as np
import pytest
from geometry_msgs.msg import TransformStamped

from slowfeat.nodes import transforms
from slowfeat.nodes.transforms import Transforms


class Node:
    """What Transforms needs of a node."""

    def __init__(self) -> None:
        self.callbacks: dict[str, Any] = {}

    def create_subscription(self, _kind: Any, topic: str, callback: Any, _qos: Any) -> str:
        self.callbacks[topic] = callback
        return topic

    def destroy_subscription(self, subscription: str) -> None:
        del self.callbacks[subscription]


def edge(parent: str, child: str, x: float) -> TransformStamped:
    message = TransformStamped(child_frame_id=child)
    message.header.frame_id = parent
    message.transform.translation.x = x
    return message


@pytest.fixture(autouse=True)
def nothing_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transforms, "tf2_ros", None)
    monkeypatch.setattr(transforms, "tf2_msgs", None)


def test_the_extrinsic_topic_needs_no_tf() -> None:
    node = Node()
    listener = Transforms(node)
    assert listener.lookup("base_link", "camera") is None
    node.callbacks["~/extrinsic"](edge("base_link", "camera", 0.3))
    found = listener.lookup("/base_link", "camera")
    assert found is not None
    assert found[0, 3] == pytest.approx(0.3)
    listener.close()
    assert node.callbacks == {}


def test_a_transform_that_is_none_is_left_out() -> None:
    node = Node()
    listener = Transforms(node)
    for broken in (float("nan"), 0.0):
        message = edge("base_link", "camera", 0.3)
        message.transform.rotation.w = broken
        node.callbacks["~/extrinsic"](message)
    assert listener.lookup("base_link", "camera") is None


def test_static_tf_alone_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transforms, "tf2_msgs", types.SimpleNamespace(TFMessage=object))
    node = Node()
    listener = Transforms(node)
    both = types.SimpleNamespace(transforms=[edge("a", "b", 1.0), edge("b", "c", 0.5)])
    node.callbacks["/tf_static"](both)
    found = listener.lookup("a", "c")
    assert found is not None
    assert found[0, 3] == pytest.approx(1.5)


def test_tf2_is_asked_first_and_what_it_does_not_know_is_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class UnknownError(Exception):
        pass

    class Buffer:
        def lookup_transform(self, target: str, source: str, _time: Any) -> Any:
            if (target, source) != ("base_link", "arm/camera"):
                raise UnknownError
            return edge(target, source, 0.7)

    closed: list[bool] = []

    class Listener:
        def __init__(self, buffer: Buffer, node: Node) -> None:
            del buffer, node

        def unregister(self) -> None:
            closed.append(True)

    double = types.SimpleNamespace(
        Buffer=Buffer,
        TransformListener=Listener,
        TransformException=UnknownError,
        Time=lambda: None,
    )
    monkeypatch.setattr(transforms, "tf2_ros", double)
    listener = Transforms(Node())
    found = listener.lookup("/base_link", "arm/camera")
    assert found is not None
    np.testing.assert_allclose(found[:3, 3], [0.7, 0, 0])
    assert listener.lookup("base_link", "nobody") is None
    listener.close()
    assert closed == [True]
