"""Warnings that are said at most every few seconds, each kind for itself.

rclpy throttles by the line of code that logs, so two kinds that share a helper silence each other.
"""

from __future__ import annotations

import time
from typing import Any

EVERY_S = 5.0


class Throttle:
    """Logs a node's warnings, at most one of a kind every EVERY_S seconds of real time."""

    def __init__(self, node: Any) -> None:
        self._node = node
        self._said_at: dict[str, float] = {}

    def warn(self, kind: str, text: str) -> None:
        """Log a warning unless one of its kind was logged just before."""
        now = time.monotonic()
        if now - self._said_at.get(kind, -EVERY_S) >= EVERY_S:
            self._said_at[kind] = now
            self._node.get_logger().warning(text)
