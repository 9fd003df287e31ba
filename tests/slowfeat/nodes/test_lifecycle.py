"""Lifecycle transitions, in this process: what each does, and what a failed one says."""

from __future__ import annotations

from pathlib import Path

from rclpy.lifecycle import TransitionCallbackReturn

from slowfeat.nodes.encoder.encoder_node import EncoderNode
from tests.helpers.unconfigured_node import set_parameter

SUCCESS, FAILURE = TransitionCallbackReturn.SUCCESS, TransitionCallbackReturn.FAILURE


def test_model_cannot_be_changed_under_a_configured_node(
    encoder_node: EncoderNode, tiny_bundle: Path
) -> None:
    set_parameter(encoder_node, "model", str(tiny_bundle))
    assert encoder_node.start()
    assert "cleanup" in set_parameter(encoder_node, "model", "/elsewhere")
    assert "deactivate" in set_parameter(encoder_node, "queue_depth", 3)
    assert encoder_node.trigger_deactivate() == SUCCESS
    assert set_parameter(encoder_node, "queue_depth", 3) == ""
    assert "within bounds [1, 10000]" in set_parameter(encoder_node, "queue_depth", 0)


def test_a_run_folder_works_as_a_model(
    encoder_node: EncoderNode, tiny_bundle: Path, tmp_path: Path
) -> None:
    (tmp_path / "bundle").symlink_to(tiny_bundle)
    set_parameter(encoder_node, "model", str(tmp_path))
    assert encoder_node.trigger_configure() == SUCCESS
