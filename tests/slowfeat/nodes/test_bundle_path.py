"""Paths of models as ROS users write them."""

from __future__ import annotations

from pathlib import Path

import pytest
from rclpy.lifecycle import TransitionCallbackReturn

from slowfeat.errors import UsageError
from slowfeat.nodes.bundle_path import resolve_package_url
from slowfeat.nodes.encoder.encoder_node import EncoderNode
from tests.helpers.unconfigured_node import set_parameter

SUCCESS, FAILURE = TransitionCallbackReturn.SUCCESS, TransitionCallbackReturn.FAILURE


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
