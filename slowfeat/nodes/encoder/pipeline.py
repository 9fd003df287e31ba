"""What the encoder node publishes of each frame; the engine is slowfeat.live.frame_engine.

Runs in the inference thread of the encoder node. A frame that cannot be used is counted and named
in a throttled warning; nothing that a message holds ends the thread.
"""

from __future__ import annotations

import threading
import time
from typing import Any

import numpy as np
import numpy.typing as npt
from rclpy.lifecycle import LifecycleNode
from rclpy.qos import DurabilityPolicy, QoSProfile
from slowfeat_interfaces.msg import BundleInfo, Embedding, EquivarianceError, PredictedEmbeddings
from std_msgs.msg import Float64

from slowfeat.bundle import ENCODER
from slowfeat.encoder import Encoder
from slowfeat.errors import ImageError, UsageError
from slowfeat.live.frame_engine import EmbeddedFrame, FrameEngine, FrameOutcome
from slowfeat.live.motion_check import MotionCheck, MotionCheckResult
from slowfeat.live.prediction_reply import WHOLE
from slowfeat.live.preparation import Preparation
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


class Pipeline:
    """The engine of one bundle with its publishers; made in configure, closed in cleanup."""

    def __init__(
        self, node: LifecycleNode, encoder: Encoder, check: MotionCheck, counts: Statistics
    ) -> None:
        self.check = check
        self.engine = FrameEngine(encoder, check, self._preparation_changed)
        self._node = node
        self._throttle = Throttle(node)
        self._counts = counts
        # Motions (M, 6) and the same as messages; replaced in one go, because the executor's thread
        # does it.
        self._motions: tuple[npt.NDArray[np.float64], list[Any]] = (np.zeros((0, 6)), [])
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

    @property
    def encoder(self) -> Encoder:
        """The bundle at work."""
        return self.engine.encoder

    @property
    def newest(self) -> EmbeddedFrame | None:
        """The frame that was seen last."""
        return self.engine.newest

    @property
    def seen(self) -> SeenViews:
        """What the robot has seen, for ~/select_view."""
        return self.engine.seen

    @property
    def preparation(self) -> Preparation:
        """What is done to frames before they are encoded."""
        return self.engine.preparation

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
            self.engine.use_part(part)
        except UsageError as error:
            self._node.get_logger().warning(f"predictions_part: {error}; taken is {WHOLE}")

    def use_preparation(self, mode: str) -> None:
        """Prepare frames like this from now on (the parameter `rectify`;
        each activation starts anew).
        """
        had = self.preparation.description
        self.engine.use_preparation(mode)
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
            self.engine.exchange(encoder)
            self.set_motions(flat_motions)
        self.publish_info()

    def use_statistics(self, counts: Statistics) -> None:
        """Count into these from now on (each activation starts anew)."""
        self._counts = counts

    def set_motions(self, flat: Any) -> None:
        """Predict for these motions, a flat array of 6 numbers each; empty: the motion patterns."""
        motions = self.engine.use_motions(flat)
        self._motions = (motions, transforms_from_motions(motions))

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
            frame = self.engine.embed(message, stamp_ns(message.header))
            info = frame.encoder.info
            self._embedding.publish(embedding_message(frame.header, info, frame.embedding))
            # Where nobody listens, the robot's cores are for something else.
            wanted = self._predictions.get_subscription_count() > 0
            self._publish(frame, self.engine.follow(frame, wanted))
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

    def _publish(self, frame: EmbeddedFrame, outcome: FrameOutcome) -> None:
        found = outcome.predictions
        if found is not None:
            motions, messages = self._motions
            if motions is not found.motions:  # they were replaced while this frame was at work
                messages = transforms_from_motions(found.motions)
            info = frame.encoder.info
            self._predictions.publish(
                predictions_message(frame.header, info, messages, found.reply, found.part)
            )
        for result in outcome.comparisons:
            self._error.publish(self._error_message(result))
        if outcome.judged:
            self.health.publish(frame.header.stamp)

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
        self.engine.close()
