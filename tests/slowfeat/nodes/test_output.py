"""A publisher that is taken down while somebody publishes."""

from __future__ import annotations

import threading
from typing import Any

from slowfeat.nodes.output import Output


class Publisher:
    """Fails once it is destroyed, as rclpy's does."""

    def __init__(self) -> None:
        self.sent, self.is_alive = list[Any](), True

    def publish(self, message: Any) -> None:
        assert self.is_alive
        self.sent.append(message)

    def get_subscription_count(self) -> int:
        assert self.is_alive
        return 3


class Node:
    def __init__(self) -> None:
        self.made: list[Any] = []

    def create_publisher(self, *about: Any) -> Publisher:
        self.made.append(about)
        self.publisher = Publisher()
        return self.publisher

    def destroy_publisher(self, publisher: Publisher) -> None:
        assert publisher.is_alive
        publisher.is_alive = False


def test_what_comes_after_the_end_is_dropped() -> None:
    node = Node()
    output = Output(node, str, "~/topic", 10)
    assert node.made == [(str, "~/topic", 10)]
    output.publish("one")
    assert output.get_subscription_count() == 3
    output.close()
    output.publish("two")
    output.close()
    assert output.get_subscription_count() == 0
    assert (node.publisher.sent, node.publisher.is_alive) == (["one"], False)


def test_it_may_be_closed_while_other_threads_publish() -> None:
    for _ in range(20):
        output = Output(Node(), str, "~/topic", 10)
        failed: list[Exception] = []

        def work(output: Output = output, failed: list[Exception] = failed) -> None:
            try:
                for _ in range(200):
                    output.publish("x")
            except AssertionError as error:
                failed.append(error)

        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        output.close()
        for thread in threads:
            thread.join()
        assert failed == []
