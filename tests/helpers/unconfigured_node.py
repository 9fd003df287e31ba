"""An encoder node that was not configured yet."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import rclpy
from rclpy.parameter import Parameter

from slowfeat.nodes.encoder.encoder_node import EncoderNode


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
