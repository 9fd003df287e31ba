"""The other end of the encoder node: hears what it publishes and asks it for predictions."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt
import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.qos import DurabilityPolicy, QoSProfile
from rclpy.signals import SignalHandlerOptions
from slowfeat_interfaces.msg import BundleInfo, Embedding, PredictedEmbeddings
from slowfeat_interfaces.srv import PredictTransforms

from slowfeat.errors import SlowfeatError
from slowfeat.geometry import Array
from slowfeat.nodes.messages import float32_array, stamp_ns, transforms_from_motions

# Nothing may be lost for want of room on this side.
DEPTH = 1000
SERVICE_TIMEOUT_S = 10.0

Vector = npt.NDArray[np.float32]


class Listener:
    """Subscribes to an encoder node; use as a context manager.

    Args:
        node: fully qualified name of the encoder node, such as /slowfeat_demo/encoder.
    """

    def __init__(self, node: str) -> None:
        self._name = node
        # The bundle that the node says it runs; None until it has said so.
        self.info: Any = None
        # Header stamp -> the embedding (D,), and when it first arrived, monotonic clock, ns.
        self.embeddings: dict[int, Vector] = {}
        self.arrived_ns: dict[int, int] = {}
        # Embeddings that came a second time.
        self.repeated = 0
        # Header stamps of the predictions heard.
        self.predicted: set[int] = set()

    def __enter__(self) -> Listener:
        self._context = rclpy.Context()
        # Ctrl-C stays Python's KeyboardInterrupt.
        rclpy.init(context=self._context, signal_handler_options=SignalHandlerOptions.NO)
        self._node = rclpy.create_node("slowfeat_demo_listener", context=self._context)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self._node)
        latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        listen = self._node.create_subscription
        listen(BundleInfo, f"{self._name}/info", self._on_info, latched)
        self._heard = [
            listen(Embedding, f"{self._name}/embedding", self._on_embedding, DEPTH),
            listen(PredictedEmbeddings, f"{self._name}/predictions", self._on_predictions, DEPTH),
        ]
        self._client = self._node.create_client(PredictTransforms, f"{self._name}/predict")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self._executor.shutdown()
        self._node.destroy_node()
        self._context.try_shutdown()

    @property
    def connected(self) -> bool:
        """Whether the node's latched info has come and both its
        topics and its service are found.
        """
        return (
            self.info is not None
            and all(subscription.get_publisher_count() > 0 for subscription in self._heard)
            and self._client.service_is_ready()
        )

    def spin(self, seconds: float = 0.05) -> None:
        """Handle what has come, or wait for it for so long."""
        self._executor.spin_once(timeout_sec=seconds)

    def _on_info(self, message: Any) -> None:
        self.info = message

    def _on_embedding(self, message: Any) -> None:
        now_ns = time.monotonic_ns()
        stamp = stamp_ns(message.header)
        if stamp in self.arrived_ns:
            self.repeated += 1
            return
        self.arrived_ns[stamp] = now_ns
        self.embeddings[stamp] = np.array(message.data, dtype=np.float32)

    def _on_predictions(self, message: Any) -> None:
        self.predicted.add(stamp_ns(message.header))

    def predict(self, embedding: Vector, motions: Array) -> tuple[Vector, Vector]:
        """Ask the service ~/predict.

        Args:
            embedding: (D,) to start from.
            motions: (M, 6) [m, rotation vector rad].

        Returns:
            The embeddings after (M, D), and the expected errors (M,).

        Raises:
            SlowfeatError: no answer, or the node refused.
        """
        request = PredictTransforms.Request(
            motions=transforms_from_motions(motions), embedding=float32_array(embedding)
        )
        future = self._client.call_async(request)
        deadline = time.monotonic() + SERVICE_TIMEOUT_S
        while not future.done():
            if time.monotonic() > deadline:
                raise SlowfeatError(
                    f"{self._name}/predict gave no answer in {SERVICE_TIMEOUT_S:.0f} s"
                )
            self.spin()
        answer = future.result()
        if not answer.success:
            raise SlowfeatError(f"{self._name}/predict refused: {answer.message}")
        predictions = answer.predictions
        after = np.array(predictions.data, dtype=np.float32).reshape(-1, predictions.dimension)
        return after, np.array(predictions.expected_error, dtype=np.float32)
