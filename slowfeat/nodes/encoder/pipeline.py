"""What happens to one frame: decode, embed, publish, predict, publish, check against odometry.

Runs in the inference thread of the encoder node. A frame that cannot be used is counted and named
in a throttled warning; nothing that a message holds ends the thread.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from rclpy.lifecycle import LifecycleNode
from rclpy.qos import DurabilityPolicy, QoSProfile
from slowfeat_interfaces.msg import BundleInfo, Embedding, EquivarianceError, PredictedEmbeddings
from std_msgs.msg import Float64

from slowfeat.bundle import ENCODER
from slowfeat.encoder import Encoder, check_motions
from slowfeat.errors import ImageError, UsageError
from slowfeat.images import Image, decode_message
from slowfeat.live.motion_check import MotionCheck, MotionCheckResult
from slowfeat.live.prediction_reply import WHOLE, Wanted, check_part, predict_reply
from slowfeat.live.preparation import NONE, Preparation
from slowfeat.live.side_worker import SideWorker
from slowfeat.live.statistics import Statistics
from slowfeat.live.throttle import Throttle
from slowfeat.nodes.encoder.health_output import HealthOutput
from slowfeat.nodes.messages import (
    bundle_info_message,
    embedding_message,
    float32_array,
    predictions_message,
    stamp_ns,
    transforms_from_motions,
)
from slowfeat.nodes.output import Output
from slowfeat.view_selection.seen import SeenViews

# Whoever gives way to frames goes on after so long, also where one follows upon another; s.
LONGEST_WAY_S = 0.2


@dataclass(frozen=True)
class LatestFrame:
    """The newest frame: its message as it came, its embedding (D,), and by whom."""

    encoder: Encoder
    message: Any
    embedding: npt.NDArray[np.float32]

    @property
    def header(self) -> Any:
        """The message's header."""
        return self.message.header


class Pipeline:
    """The engine of one bundle with its publishers; made in configure, closed in cleanup."""

    def __init__(
        self, node: LifecycleNode, encoder: Encoder, check: MotionCheck, counts: Statistics
    ) -> None:
        self.encoder = encoder
        self.check = check
        self.preparation = Preparation(NONE, self._preparation_changed)
        self.newest: LatestFrame | None = None
        # What the robot has seen, for ~/select_view.
        self.seen = SeenViews()
        self._jumps = check.jumps
        # What ~/predictions holds of each.
        self._part = WHOLE
        self._node = node
        self._throttle = Throttle(node)
        self._counts = counts
        # The motions to predict for (M, 6) and the same as messages; replaced in one go, because
        # the executor's thread does it.
        self._motions: tuple[npt.NDArray[np.float32], list[Any]] = (
            np.zeros((0, 6), dtype=np.float32),
            [],
        )
        # Held for a frame, and for the exchange of bundles between two frames.
        self._between_frames = threading.Lock()
        latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        self._info = Output(node, BundleInfo, "~/info", latched)
        self._embedding = Output(node, Embedding, "~/embedding", 10)
        self._predictions = Output(node, PredictedEmbeddings, "~/predictions", 10)
        self._error = Output(node, EquivarianceError, "~/equivariance_error", 10)
        self.health = HealthOutput(node, check)
        self._processing = Output(node, Float64, "~/debug/processing_time_ms", 10)
        self._latency = Output(node, Float64, "~/debug/pipeline_latency_ms", 10)
        # Answers requests and predicts, so that embeddings wait for neither.
        self.beside = SideWorker()
        self._is_closing = False
        self.publish_info()

    def publish_info(self) -> None:
        """Say what is used, and what is done to images and odometry."""
        now = self._node.get_clock().now().to_msg()
        self._info.publish(
            bundle_info_message(
                self.encoder, now, self.preparation.description, self.check.odom_offset_s
            )
        )

    def use_part(self, part: str) -> None:
        """Publish this part of each prediction from now on (the parameter `predictions_part`)."""
        try:
            check_part(self.encoder.info, part)
        except UsageError as error:
            self._node.get_logger().warning(f"predictions_part: {error}; taken is {WHOLE}")
            part = WHOLE
        self._part = part

    def use_preparation(self, mode: str) -> None:
        """Prepare frames like this from now on (the parameter `rectify`;
        each activation starts anew).
        """
        had = self.preparation.description
        self.preparation = Preparation(mode, self._preparation_changed)
        if had:
            self.publish_info()

    def _preparation_changed(self) -> None:
        done = self.preparation.description
        if done:
            self._node.get_logger().info(f"rectify:={self.preparation.mode}: {done}")
        self.publish_info()

    def exchange(self, encoder: Encoder, flat_motions: Any) -> None:
        """Use another bundle from the next frame on; called from any thread.

        Args:
            encoder: has run once, so the next frame takes no longer than any other.
            flat_motions: as for `set_motions`.
        """
        with self._between_frames:
            self.encoder = encoder
            self.newest = self._seen_by(encoder)
            self.seen.clear()
            self.set_motions(flat_motions)
            # Embeddings of two bundles cannot be compared.
            self.check.clear_frames()
        self.publish_info()

    def _seen_by(self, encoder: Encoder) -> LatestFrame | None:
        """The newest frame, embedded by another bundle: ~/predict
        goes on from what was seen last.
        """
        if self.newest is None:
            return None
        try:
            # Decoded anew: this bundle may want another size, and other bits.
            embedding = encoder.embed(self._image_for(encoder, self.newest.message))
        except ImageError:
            return None  # the next frame will say why
        return LatestFrame(encoder, self.newest.message, embedding)

    def _image_for(self, encoder: Encoder, message: Any) -> Image:
        """The image of a message as an encoder should see it, no larger than that needs."""
        wanted = self.preparation.wanted(encoder)
        image = decode_message(message, encoder.info.image_bits, wanted)
        return self.preparation.apply(image, encoder)

    def use_statistics(self, counts: Statistics) -> None:
        """Count into these from now on (each activation starts anew)."""
        self._counts = counts

    def set_motions(self, flat: Any) -> None:
        """Predict for these motions, a flat array of 6 numbers each; empty: the motion patterns."""
        patterns = [pattern.centroid for pattern in self.encoder.info.motion_patterns]
        motions = np.array(flat if len(flat) else patterns, dtype=np.float64).reshape(-1, 6)
        self._motions = (check_motions(motions), transforms_from_motions(motions))

    def process(self, message: Any) -> None:
        """Handle one image message, whatever it holds."""
        with self._between_frames:
            self._process(message)

    def give_way(self) -> None:
        """Wait while a frame is worked on: embeddings come first. From any thread.

        Raises:
            UsageError: the pipeline is being closed; whatever is under way ends here.
        """
        if self._is_closing:
            raise UsageError("the node left its state: ask again")
        if self._between_frames.acquire(timeout=LONGEST_WAY_S):
            self._between_frames.release()

    def _process(self, message: Any) -> None:
        started = time.perf_counter()
        try:
            embedding = self.encoder.embed(self._image_for(self.encoder, message))
            if not np.isfinite(embedding).all():
                raise ImageError(
                    "the embedding is not finite; is this image like those of the training?"
                )
            header = message.header
            self._embedding.publish(embedding_message(header, self.encoder.info, embedding))
            self.newest = LatestFrame(self.encoder, message, embedding)
            self.seen.add(stamp_ns(header), embedding)
            self.seen.place(self.check.pose_at)
            self._predict(header, embedding)
            self._compare(header, embedding)
        except ImageError as error:
            self._counts.counters.malformed_images += 1
            self._counts.last_image_problem = str(error)
            count = self._counts.counters.malformed_images
            self._throttle.warn("malformed", f"{count} malformed images so far: {error}")
        except Exception as error:
            # Whatever it is, the next frame may be fine, and the robot needs its node.
            if not self._node.context.ok():
                return
            self._counts.counters.failed_frames += 1
            count = self._counts.counters.failed_frames
            reason = f"{type(error).__name__}: {error}"
            self._throttle.warn("failed", f"{count} frames failed so far: {reason}")
        else:
            self._finish(message, (time.perf_counter() - started) * 1e3)

    def _predict(self, header: Any, embedding: npt.NDArray[np.float32]) -> None:
        motions, messages = self._motions
        # Where nobody listens, the robot's cores are for something else.
        if not messages or self._predictions.get_subscription_count() == 0:
            return
        info, part = self.encoder.info, self._part
        reply = predict_reply(self.encoder.predict_checked, info, embedding, motions, Wanted(part))
        self._predictions.publish(predictions_message(header, info, messages, reply, part))

    def _compare(self, header: Any, embedding: npt.NDArray[np.float32]) -> None:
        stamp, compared = stamp_ns(header), self.check.comparisons
        for result in self.check.add_frame(self.encoder, stamp, header, embedding):
            self._error.publish(self._error_message(result))
        if self.check.comparisons != compared:
            self.health.publish(header.stamp)
        if self._jumps != self.check.jumps:
            # Where views were seen from was in a frame that is gone.
            self._jumps = self.check.jumps
            self.seen.forget_places()

    def _error_message(self, result: MotionCheckResult) -> Any:
        # An expected error of zero would be a bundle that claims to be perfect.
        expected = max(result.expected_error, 1e-12)
        return EquivarianceError(
            header=result.header,
            model=self.encoder.info.name,
            motion=transforms_from_motions(result.motion)[0],
            duration=result.duration_s,
            error=result.error,
            change=result.change,
            expected_error=result.expected_error,
            ratio=float(float32_array([min(result.error / expected, 1e30)])[0]),
            encoder_hash=self.encoder.info.sha256[ENCODER],
        )

    def _finish(self, message: Any, milliseconds: float) -> None:
        self._counts.frame_done(milliseconds)
        if self._processing.get_subscription_count():
            self._processing.publish(Float64(data=milliseconds))
        if self._latency.get_subscription_count():
            now = self._node.get_clock().now().nanoseconds
            self._latency.publish(Float64(data=(now - stamp_ns(message.header)) / 1e6))

    def close(self) -> None:
        """Take the publishers down, and let go of what keeps the bundle in memory."""
        self._is_closing = True
        self.beside.close()
        self.health.close()
        for output in (
            self._info,
            self._embedding,
            self._predictions,
            self._error,
            self._processing,
            self._latency,
        ):
            output.close()
        self.newest = None
        # It points back here, and would wait for the cycle collector.
        self.preparation = Preparation(NONE, _nothing)


def _nothing() -> None:
    """Nobody is told."""
