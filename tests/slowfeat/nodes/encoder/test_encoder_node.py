"""What a subclass of rclpy's Node must not do by mistake, and what it leaves behind."""

from __future__ import annotations

import ast
import gc
import inspect
import threading
import time
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import rclpy
from rclpy.lifecycle import LifecycleNode
from rclpy.parameter import Parameter

from slowfeat.bundle import load_bundle
from slowfeat.encoder import Encoder
from slowfeat.errors import UsageError
from slowfeat.nodes.encoder import encoder_node
from slowfeat.nodes.managed_node import SUCCESS
from tests.slowfeat.nodes.conftest import image_message


def test_no_attribute_of_rclpys_node_is_overwritten() -> None:
    # Overwriting Node._services, say, silently takes down the parameter services.
    rclpy.init()
    theirs = LifecycleNode("plain")
    names = set(vars(theirs))
    theirs.destroy_node()
    rclpy.shutdown()
    tree = ast.parse(inspect.getsource(encoder_node.EncoderNode))
    ours = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    }
    assert not ours & names


@pytest.fixture
def encoder_node_here(tiny_bundle: Path) -> Iterator[Any]:
    """An encoder node in this process, which nobody spins, without the cycle collector."""
    rclpy.init()
    made = encoder_node.EncoderNode([Parameter("model", value=str(tiny_bundle))])
    gc.collect()
    gc.disable()
    yield made
    gc.enable()
    made.close()
    made.destroy_node()
    rclpy.shutdown()


def test_cleanup_frees_the_bundle_without_the_cycle_collector(encoder_node_here: Any) -> None:
    node = encoder_node_here
    for _ in range(3):
        assert node.start()
        node._on_image(image_message(1_700_000_000_000_000_000))
        encoder = weakref.ref(node._pipeline.encoder)
        assert node.trigger_deactivate() == SUCCESS
        assert node.trigger_cleanup() == SUCCESS
        assert encoder() is None, [type(item) for item in gc.get_referrers(encoder())]


def test_an_exchange_frees_the_bundle_before(encoder_node_here: Any, tiny_bundle: Path) -> None:
    node = encoder_node_here
    assert node.start()
    before = weakref.ref(node._pipeline.encoder)
    node._exchange(node._load(str(tiny_bundle)), str(tiny_bundle))
    assert before() is None
    assert node._pipeline.encoder is not None


def test_a_bundle_that_is_loading_at_cleanup_is_answered_and_freed(
    encoder_node_here: Any, monkeypatch: pytest.MonkeyPatch, tiny_bundle: Path
) -> None:
    node, may_end, loaded = encoder_node_here, threading.Event(), list[Any]()
    assert node.start()

    def load(path: str) -> Any:
        assert may_end.wait(5)
        encoder = Encoder(load_bundle(path))
        loaded.append(weakref.ref(encoder))
        return encoder

    monkeypatch.setattr(node._loader, "_load", load)
    future = node._loader._start(str(tiny_bundle))
    assert node.trigger_deactivate() == SUCCESS
    assert node.trigger_cleanup() == SUCCESS
    assert future.done()
    assert "left its state while the bundle was loading" in future.result()
    may_end.set()
    end = time.monotonic() + 5
    while time.monotonic() < end and not (loaded and loaded[0]() is None):
        time.sleep(0.01)
    assert loaded[0]() is None
    assert node._pipeline is None


def test_predictions_under_way_end_when_the_pipeline_is_closed(encoder_node_here: Any) -> None:
    node = encoder_node_here
    assert node.start()
    pipeline = node._pipeline
    pipeline.give_way()
    assert node.trigger_deactivate() == SUCCESS
    assert node.trigger_cleanup() == SUCCESS
    with pytest.raises(UsageError, match="left its state: ask again"):
        pipeline.give_way()
