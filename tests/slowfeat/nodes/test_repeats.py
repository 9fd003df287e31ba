"""Lifecycle a hundred times over without growth, broken transitions, two nodes side by side."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import rclpy
from lifecycle_msgs.msg import State
from rclpy.lifecycle import TransitionCallbackReturn
from rclpy.parameter import Parameter
from sensor_msgs.msg import Image
from slowfeat_interfaces.msg import Embedding

from slowfeat.nodes.encoder.encoder_node import EncoderNode
from tests.slowfeat.nodes.conftest import Robot, image_message

SUCCESS = TransitionCallbackReturn.SUCCESS
ROUNDS = 100


@pytest.fixture
def encoder_node(tiny_bundle: Path) -> Iterator[EncoderNode]:
    rclpy.init()
    made = EncoderNode([Parameter("model", value=str(tiny_bundle))])
    yield made
    made.close()
    made.destroy_node()
    rclpy.shutdown()


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / 2**20


def handles() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208


def tasks() -> int:
    """Threads of this process, those of ONNX Runtime and the middleware too."""
    return len(os.listdir("/proc/self/task"))  # noqa: PTH208


def test_a_hundred_rounds_of_the_lifecycle_leave_nothing_behind(encoder_node: EncoderNode) -> None:
    def around() -> None:
        assert encoder_node.trigger_configure() == SUCCESS
        assert encoder_node.trigger_activate() == SUCCESS
        assert encoder_node.trigger_deactivate() == SUCCESS
        assert encoder_node.trigger_cleanup() == SUCCESS

    for _ in range(ROUNDS // 5):  # caches and the allocator's arenas fill
        around()
    before = resident_mb(), handles(), tasks(), threading.active_count()
    entities = [len(list(getattr(encoder_node, kind))) for kind in ("publishers", "subscriptions")]
    for _ in range(ROUNDS):
        around()
    assert resident_mb() - before[0] < 10.0
    few = ROUNDS // 10
    assert handles() < before[1] + few
    # The middleware's threads come and go by two dozen; one that stayed behind each round would be
    # a hundred.
    assert tasks() < before[2] + ROUNDS // 2
    assert threading.active_count() < before[3] + few
    assert entities == [
        len(list(getattr(encoder_node, kind))) for kind in ("publishers", "subscriptions")
    ]


def test_a_transition_that_breaks_off_leads_back_to_unconfigured(
    encoder_node: EncoderNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("out of memory, say")

    with monkeypatch.context() as patch:
        patch.setattr(encoder_node, "_describe", broken)
        encoder_node.trigger_configure()
    assert encoder_node._pipeline is None
    assert encoder_node._state_machine.current_state[0] == State.PRIMARY_STATE_UNCONFIGURED
    assert encoder_node.start()


@pytest.mark.parametrize("steps", [(), ("configure",), ("configure", "activate")])
def test_shutdown_from_every_state_frees_everything(
    encoder_node: EncoderNode, steps: tuple[str, ...]
) -> None:
    for step in steps:
        assert getattr(encoder_node, f"trigger_{step}")() == SUCCESS
    assert encoder_node.trigger_shutdown() == SUCCESS
    assert encoder_node._pipeline is None
    assert not any(s.topic_name == "/image" for s in encoder_node.subscriptions)
    assert encoder_node._state_machine.current_state[0] == State.PRIMARY_STATE_FINALIZED


def test_two_nodes_side_by_side_keep_to_themselves(robot: Robot, tiny_bundle: Path) -> None:
    overrides = [Parameter("model", value=str(tiny_bundle))]
    nodes = [
        EncoderNode(overrides, ["--ros-args", "-r", f"__ns:=/{name}"], context=robot.context)
        for name in ("left", "right")
    ]
    try:
        for node in nodes:
            assert node.start()
            robot.executor.add_node(node)
        left = robot.listen(Embedding, "/left/encoder/embedding")
        right = robot.listen(Embedding, "/right/encoder/embedding")
        camera = robot.publisher(Image, "/left/image")
        robot.send_until(camera, image_message(1), lambda: len(left) >= 3)
        assert right == []
    finally:
        for node in nodes:
            robot.executor.remove_node(node)
            node.close()
            node.destroy_node()
