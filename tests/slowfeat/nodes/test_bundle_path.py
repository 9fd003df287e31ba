"""Paths of models as ROS users write them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import rclpy
from rclpy.lifecycle import TransitionCallbackReturn
from rclpy.parameter import Parameter

from slowfeat.errors import UsageError
from slowfeat.nodes.bundle_path import resolve_package_url
from slowfeat.nodes.encoder.encoder_node import EncoderNode

SUCCESS, FAILURE = TransitionCallbackReturn.SUCCESS, TransitionCallbackReturn.FAILURE


@pytest.fixture
def encoder_node() -> Iterator[EncoderNode]:
    rclpy.init()
    made = EncoderNode([Parameter("autostart", value=False)])
    yield made
    made.close()
    made.destroy_node()
    rclpy.shutdown()


def set_parameter(node: EncoderNode, name: str, value: object) -> str:
    """Set a parameter; returns the reason of a refusal, or nothing."""
    result = node.set_parameters([Parameter(name, value=value)])[0]
    return "" if result.successful else str(result.reason)


def test_unknown_package_is_named(encoder_node: EncoderNode) -> None:
    set_parameter(encoder_node, "model", "package://no_such_package/bundle")
    assert encoder_node.trigger_configure() == FAILURE
    assert "no_such_package" in str(encoder_node.last_error)


def test_ordinary_paths_come_back_as_they_are_and_packages_as_their_share() -> None:
    assert resolve_package_url("runs/drive:1") == Path("runs/drive:1")
    found = resolve_package_url("package://rclpy/some/bundle")
    assert found.parts[-4:] == ("share", "rclpy", "some", "bundle")
    with pytest.raises(UsageError, match="no package 'no_such_package'"):
        resolve_package_url("package://no_such_package/bundle")
