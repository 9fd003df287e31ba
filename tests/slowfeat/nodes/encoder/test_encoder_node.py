"""What a subclass of rclpy's Node must not do by mistake."""

from __future__ import annotations

import ast
import inspect

import rclpy
from rclpy.lifecycle import LifecycleNode

from slowfeat.nodes.encoder import encoder_node


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
