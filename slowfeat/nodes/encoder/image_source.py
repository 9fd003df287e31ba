"""The image subscription: raw or compressed, with the reliability that the publisher offers."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

from rclpy.node import Node
from rclpy.qos import HistoryPolicy, QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import CompressedImage, Image

from slowfeat.camera_info import INFO, info_topics
from slowfeat.errors import UsageError
from slowfeat.nodes.messages import stamp_ns

try:
    from rclpy.event_handler import SubscriptionEventCallbacks
except ImportError:  # Humble
    from rclpy.qos_event import SubscriptionEventCallbacks

# Frames that the middleware keeps for us. More than the one that we want: what piles up while the
# executor is held up then shows as counted drops, instead of vanishing unseen in the middleware.
MIDDLEWARE_DEPTH = 4


def image_topic(node: Node, transport: str) -> tuple[str, str]:
    """The topic to subscribe and the transport it carries, remapped as image_transport does it.

    Remapping `image` moves `image/compressed` along; a topic that ends in /compressed is compressed
    whatever the parameter says.
    """
    base = node.resolve_topic_name("image")
    if base.endswith("/compressed"):
        return base, "compressed"
    if transport == "raw":
        return base, "raw"
    return _remapped(node, "image/compressed") or f"{base}/compressed", "compressed"


def camera_info_topics(node: Node) -> list[str]:
    """Where camera_info may be published, the most specific first; a remapping is the only one.

    For images on /front these are /front/camera_info and /camera_info.
    """
    remapped = _remapped(node, INFO)
    return [remapped] if remapped else info_topics(str(node.resolve_topic_name("image")))


def _remapped(node: Node, name: str) -> str | None:
    """Where a relative name is remapped to; None where it is not."""
    resolved = str(node.resolve_topic_name(name))
    return resolved if resolved != node.resolve_topic_name(name, only_expand=True) else None


class ImageSource:
    """Subscribes images and hands each on, once.

    Starts best effort, which every publisher can serve, and turns reliable when all publishers
    offer that: over the default shared memory, large best-effort frames get lost. The old
    subscription lives until the new one delivers, so that the turn itself loses nothing. What the
    user sets by `qos_overrides.<topic>.subscription.reliability` is left alone.
    """

    def __init__(
        self, node: Node, transport: str, queue_depth: int, on_image: Callable[[Any], None]
    ) -> None:
        self.topic, self.transport = image_topic(node, transport)
        self._node = node
        self._on_image = on_image
        self._type = Image if self.transport == "raw" else CompressedImage
        self._subscriptions: list[Any] = []
        # Stamps seen while two subscriptions overlap.
        self._recent: deque[int] = deque(maxlen=64)
        self._generation = 0
        self._newest_delivers = False
        self._warned_type = False
        asked = self._override("reliability", "follow_publisher")
        self._depth = int(self._override("depth", max(queue_depth, MIDDLEWARE_DEPTH)))
        self._follows = asked == "follow_publisher"
        if not self._follows and asked not in {"reliable", "best_effort"}:
            raise UsageError(
                f"Value {asked} in parameter '{self._override_name('reliability')}' must be one of "
                "reliable, best_effort, follow_publisher"
            )
        self.reliable = asked == "reliable"
        self._subscribe()

    def _override_name(self, policy: str) -> str:
        return f"qos_overrides.{self.topic}.subscription.{policy}"

    def _override(self, policy: str, default: str | int) -> Any:
        """The user's choice, by the parameter names that QoSOverridingOptions uses.

        Those options themselves would hold the reliability fixed at its first value.
        """
        name = self._override_name(policy)
        if not self._node.has_parameter(name):
            self._node.declare_parameter(name, default)
        return self._node.get_parameter(name).value

    def _subscribe(self) -> None:
        profile = QoSProfile(
            history=HistoryPolicy.KEEP_LAST,
            depth=self._depth,
            reliability=ReliabilityPolicy.RELIABLE
            if self.reliable
            else ReliabilityPolicy.BEST_EFFORT,
        )
        self._generation += 1
        self._newest_delivers = False
        self._subscriptions.append(
            self._node.create_subscription(
                self._type,
                self.topic,
                partial(self._receive, self._generation),
                profile,
                event_callbacks=SubscriptionEventCallbacks(incompatible_qos=self._incompatible),
            )
        )

    def _receive(self, generation: int, message: Any) -> None:
        stamp = stamp_ns(message.header)
        self._newest_delivers |= generation == self._generation
        if len(self._subscriptions) > 1 and stamp in self._recent:
            return
        self._recent.append(stamp)
        self._on_image(message)

    def _incompatible(self, event: Any) -> None:
        self._node.get_logger().warning(
            f"a publisher of {self.topic} offers a QoS that does not fit "
            f"({event.last_policy_kind}): no image comes from it. Set "
            f"{self._override_name('reliability')}:=best_effort, or let the publisher be reliable "
            "and volatile",
            throttle_duration_sec=5.0,
        )

    def watch(self) -> None:
        """Look at the publishers and follow them; to be called about twice a second."""
        if len(self._subscriptions) > 1 and self._newest_delivers:
            self._node.destroy_subscription(self._subscriptions.pop(0))
        publishers = self._node.get_publishers_info_by_topic(self.topic)
        self._check_type(publishers)
        if not self._follows or not publishers or len(self._subscriptions) > 1:
            return
        all_reliable = all(
            item.qos_profile.reliability == ReliabilityPolicy.RELIABLE for item in publishers
        )
        if all_reliable != self.reliable:
            self.reliable = all_reliable
            self._subscribe()

    def _check_type(self, publishers: list[Any]) -> None:
        wanted = f"sensor_msgs/msg/{self._type.__name__}"
        others = {item.topic_type for item in publishers} - {wanted}
        if others and not self._warned_type:
            self._warned_type = True
            self._node.get_logger().warning(
                f"{self.topic} carries {', '.join(sorted(others))}, not {wanted}: remap `image`, "
                "or set image_transport (raw, compressed) to what is published"
            )

    def publisher_count(self) -> int:
        """Publishers on the topic right now."""
        return int(self._node.count_publishers(self.topic))

    def close(self) -> None:
        """End the subscription."""
        for subscription in self._subscriptions:
            self._node.destroy_subscription(subscription)
        self._subscriptions.clear()
