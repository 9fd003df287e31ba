"""A publisher that may be taken down while another thread still works for it."""

from __future__ import annotations

import threading
from typing import Any


class Output:
    """Publishes until it is closed, and drops what comes after.

    Args:
        node: publishes.
        kind: of the messages.
        topic: where.
        qos: depth or profile.
    """

    def __init__(self, node: Any, kind: Any, topic: str, qos: Any) -> None:
        self._node = node
        self._lock = threading.Lock()
        self._publisher: Any = node.create_publisher(kind, topic, qos)

    def publish(self, message: Any) -> None:
        """Publish, from any thread."""
        with self._lock:
            if self._publisher is not None:
                self._publisher.publish(message)

    def get_subscription_count(self) -> int:
        """How many listen; none once it is closed."""
        with self._lock:
            return 0 if self._publisher is None else int(self._publisher.get_subscription_count())

    def close(self) -> None:
        """Take the publisher down."""
        with self._lock:
            publisher, self._publisher = self._publisher, None
        if publisher is not None:
            self._node.destroy_publisher(publisher)
