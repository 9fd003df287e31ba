"""Lifecycle transitions, in this process: what each does, and what a failed one says."""

from __future__ import annotations

from pathlib import Path

from rclpy.lifecycle import TransitionCallbackReturn

from slowfeat.errors import BundleError, UsageError
from slowfeat.nodes.encoder.encoder_node import EncoderNode
from tests.helpers.unconfigured_node import set_parameter

SUCCESS, FAILURE = TransitionCallbackReturn.SUCCESS, TransitionCallbackReturn.FAILURE


def topics(node: EncoderNode) -> set[str]:
    """Topics that the node subscribes."""
    return {subscription.topic_name for subscription in node.subscriptions}


def test_goes_through_all_states_and_back(encoder_node: EncoderNode, tiny_bundle: Path) -> None:
    assert set_parameter(encoder_node, "model", str(tiny_bundle)) == ""
    for _ in range(2):
        assert encoder_node.trigger_configure() == SUCCESS
        assert "/image" not in topics(encoder_node)
        for _ in range(2):
            assert encoder_node.trigger_activate() == SUCCESS
            assert {"/image", "/odom"} <= topics(encoder_node)
            assert encoder_node.trigger_deactivate() == SUCCESS
            assert "/image" not in topics(encoder_node)
        assert encoder_node.trigger_cleanup() == SUCCESS
    assert encoder_node.trigger_shutdown() == SUCCESS


def test_failed_configure_leaves_a_node_that_can_be_configured(
    encoder_node: EncoderNode, tiny_bundle: Path, tmp_path: Path
) -> None:
    assert encoder_node.trigger_configure() == FAILURE
    assert isinstance(encoder_node.last_error, UsageError)
    assert "set the parameter model" in str(encoder_node.last_error)
    (tmp_path / "bundle.json").write_text("{}", encoding="utf-8")
    set_parameter(encoder_node, "model", str(tmp_path))
    assert encoder_node.trigger_configure() == FAILURE
    assert isinstance(encoder_node.last_error, BundleError)
    set_parameter(encoder_node, "model", str(tiny_bundle))
    assert encoder_node.start()
    assert encoder_node.last_error is None
