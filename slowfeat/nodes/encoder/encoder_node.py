"""The encoder node: a ROS 2 lifecycle node around a bundle.

configure loads the bundle, activate subscribes, deactivate unsubscribes, cleanup frees the bundle.
Images are taken in by the executor's thread, which only puts them into a slot, and worked on by one
inference thread. Everything that is published carries the image's own header.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import Any

from diagnostic_msgs.msg import DiagnosticStatus
from rclpy.clock import Clock, ClockType
from rclpy.lifecycle import LifecycleState, TransitionCallbackReturn
from rclpy.parameter import Parameter
from std_srvs.srv import SetBool

from slowfeat.bundle import load_bundle
from slowfeat.encoder import Encoder
from slowfeat.errors import UsageError
from slowfeat.live.frame_queue import FrameQueue
from slowfeat.live.freed_memory import give_back
from slowfeat.live.motion_check import MotionCheck
from slowfeat.live.statistics import Statistics
from slowfeat.live.time_watch import TimeWatch
from slowfeat.nodes.bundle_path import resolve_package_url
from slowfeat.nodes.encoder.asked import Asked
from slowfeat.nodes.encoder.diagnostics import Diagnostics
from slowfeat.nodes.encoder.image_source import ImageSource
from slowfeat.nodes.encoder.load_service import BundleLoader
from slowfeat.nodes.encoder.pipeline import Pipeline
from slowfeat.nodes.encoder.select_service import ViewSelection
from slowfeat.nodes.encoder.side_inputs import SideInputs
from slowfeat.nodes.managed_node import SUCCESS, ManagedNode
from slowfeat.nodes.messages import stamp_ns
from slowfeat.nodes.parameters import ENCODER_PARAMETERS, NodeParameter
from slowfeat.nodes.process import node_program
from slowfeat.odometry_offset import trained_offset_s
from slowfeat.verdict import NOT

# Until the inference thread has begun with a frame: decoding and inference need no interpreter.
HANDOVER_S = 0.001
# The longest that the end of a stream waits for the frame under way, s.
LONGEST_FRAME_S = 5.0


class EncoderNode(ManagedNode):
    """See the module; topics and parameters are described in docs/nodes/encoder.md.

    Args:
        overrides: parameters that take precedence over the command line and parameter files.
        ros_args: arguments for this node alone, from --ros-args on.
        context: what rclpy.init was called with; None where that was nothing.
    """

    def __init__(
        self,
        overrides: Sequence[Parameter] = (),
        ros_args: Sequence[str] | None = None,
        context: Any = None,
    ) -> None:
        super().__init__("encoder", overrides, ros_args, context)
        self._counts = Statistics()
        self.check = MotionCheck()
        self._enabled = True
        self._pipeline: Pipeline | None = None
        self._offered: list[Any] = []
        self._asked: Asked | None = None
        self._loader: BundleLoader | None = None
        self._selection: ViewSelection | None = None
        # The bundle that has just been loaded, while the parameter `model` is set to it.
        self._following: str | None = None
        self._source: ImageSource | None = None
        self._side: SideInputs | None = None
        self._times = TimeWatch(self, self.check, self._counts)
        # What to predict for: of the parameter or of ~/motions, whichever came last.
        self._motions: Any = ()
        self._queue: FrameQueue[Any] = FrameQueue()
        self._thread: threading.Thread | None = None
        # Warnings that are said once an activation.
        self._said: set[str] = set()
        self._declare(ENCODER_PARAMETERS)
        self._diagnostics = Diagnostics(self)
        # Simulated time may stand still, and the robot's owner wants to hear that something is
        # wrong.
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self._watchers = [
            self.create_timer(1.0, self._publish_diagnostics, clock=steady),
            self.create_timer(0.5, self._watch_publishers, clock=steady),
        ]

    def _why_not_now(self, row: NodeParameter) -> str | None:
        if row.name == "model" and self._following is not None:
            return None
        return super()._why_not_now(row)

    def _is_configured(self) -> bool:
        return self._pipeline is not None

    def _is_active(self) -> bool:
        return self._source is not None

    def use_predictions_part(self, part: str) -> None:
        """Publish this part of each prediction."""
        if self._pipeline is not None:
            self._pipeline.use_part(part)

    def use_goal_image(self, path: str) -> None:
        """Lead to the view of this image where a request has no goal of its own."""
        if self._selection is not None:
            self._selection.goal_image = path

    def use_offset(self, asked_s: float) -> None:
        """Shift odometry by what the parameter says, or by what
        training found where it says nothing.
        """
        if asked_s == asked_s:
            self._set_offset(asked_s)
            return
        found_s = (
            trained_offset_s(self._pipeline.encoder.info) if self._pipeline is not None else 0.0
        )
        if found_s not in (0.0, self.check.odom_offset_s):
            self.get_logger().info(
                f"the stamps of odometry are shifted by {found_s:+.3f} s, as in training "
                "(odom_offset_s overrides)"
            )
        self._set_offset(found_s)

    def _set_offset(self, offset_s: float) -> None:
        changed = offset_s != self.check.odom_offset_s
        self.check.odom_offset_s = offset_s
        if changed and self._pipeline is not None:
            self._pipeline.publish_info()

    def use_motions(self, flat: Any) -> None:
        """Predict for these motions, a flat array of 6 numbers each."""
        self._motions = flat
        if self._pipeline is not None:
            self._pipeline.set_motions(flat)

    # -- lifecycle
    # ------------------------------------------------------------------------------------

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Load the bundle; publish what it is; offer the services."""
        del state
        try:
            encoder = self._load(self._value("model"))
            self._pipeline = Pipeline(self, encoder, self.check, self._counts)
            self._pipeline.use_part(self._value("predictions_part"))
            self.use_motions(self._value("motions"))
            self.use_offset(self._value("odom_offset_s"))
            self._selection = ViewSelection(
                self._value("memory"), encoder, self._pipeline.seen, self.check.pose_now
            )
            self._selection.goal_image = self._value("goal_image")
            self._selection.give_way = self._pipeline.give_way
            self._offer()
        except Exception as error:
            self._free()
            return self._failed("configure", error)
        self.last_error = None
        self._describe(encoder)
        return SUCCESS

    def _offer(self) -> None:
        """The services, from the first time that there is a bundle: they stay, because a request
        under way is to be answered, whatever becomes of the node.
        """
        if self._loader is None:
            self._asked = Asked(self, self._in_use)
            self._offered = [self.create_service(SetBool, "~/enable", self._on_enable)]
            self._loader = BundleLoader(self, self._load, self._exchange, self._bundle_name)

    def _in_use(self) -> tuple[Pipeline, ViewSelection] | None:
        pipeline, selection = self._pipeline, self._selection
        return None if pipeline is None or selection is None else (pipeline, selection)

    def _load(self, model: str) -> Encoder:
        """An encoder that is ready; the old one, where there is one, is not touched."""
        if not model:
            raise UsageError("no model is given: set the parameter model to a bundle's folder")
        return Encoder(
            load_bundle(resolve_package_url(model)),
            self._value("execution_provider"),
            self._value("threads"),
        )

    def _describe(self, encoder: Encoder) -> None:
        height, width = encoder.image_size
        self.get_logger().info(
            f"bundle {encoder.info.name}: {width}x{height} pixels to {encoder.info.dimension} "
            f"numbers, {len(encoder.info.motion_patterns)} motion patterns, on {encoder.provider}"
        )
        if encoder.fallback:
            self.get_logger().warning(encoder.fallback)
        verdict = encoder.info.verdict
        if verdict is not None and verdict.predicts == NOT:
            self.get_logger().warning(f"this bundle {verdict}")

    def _exchange(self, encoder: Encoder, path: str) -> None:
        """The bundle from ~/load_bundle takes over; the parameter `model` follows."""
        self._pipeline_or_fail().exchange(encoder, self._motions)
        self._pipeline_or_fail().use_part(self._value("predictions_part"))
        self.use_offset(self._value("odom_offset_s"))
        self._following = path
        self.set_parameters([Parameter("model", value=path)])
        self._following = None
        self._describe(encoder)

    def _bundle_name(self) -> str:
        return self._pipeline.encoder.info.name if self._pipeline is not None else ""

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Subscribe, and start the inference thread."""
        try:
            depth = self._value("queue_depth")
            self._counts = Statistics()
            self._said.clear()
            pipeline = self._pipeline_or_fail()
            pipeline.use_statistics(self._counts)
            pipeline.seen.clear()
            pipeline.beside.length = depth
            pipeline.use_preparation(self._value("rectify"))
            self._queue = FrameQueue(depth)
            self._source = ImageSource(self, self._value("image_transport"), depth, self._on_image)
            self._times = TimeWatch(self, self.check, self._counts)
            self._side = SideInputs(self, pipeline, self._counts, self._times, self.use_motions)
            self._thread = threading.Thread(target=self._work, args=(self._queue,), daemon=True)
            self._thread.start()
        except Exception as error:
            self._stop()
            return self._failed("activate", error)
        self.last_error = None
        self.get_logger().info(
            f"waiting for {self._source.transport} images on {self._source.topic} "
            f"and odometry on {self._side.odometry_topic}"
        )
        return super().on_activate(state)

    def _pipeline_or_fail(self) -> Pipeline:
        if self._pipeline is None:
            raise UsageError("the node has no bundle: configure it first")
        return self._pipeline

    def _stop(self) -> None:
        self._queue.close()
        if self._thread is not None:
            # One frame is all it can still be at. A thread that is at work in C++ when the process
            # ends would abort it.
            self._thread.join(timeout=LONGEST_FRAME_S)
            self._thread = None
        if self._source is not None:
            self._source.close()
            self._source = None
        if self._side is not None:
            self._side.close()
            self._side = None
        self.check.clear()

    def _free(self) -> None:
        if self._loader is not None:
            self._loader.give_up()
        self._selection = None
        if self._pipeline is not None:
            self._pipeline.close()
            self._pipeline = None
            give_back()

    def destroy_node(self) -> None:
        """Also the services end, which outlive every state."""
        if self._loader is not None:
            self._loader.close()
            self._loader = None
        super().destroy_node()

    # -- messages
    # -------------------------------------------------------------------------------------

    def _on_image(self, message: Any) -> None:
        stamp = stamp_ns(message.header)
        self._counts.frame_arrived(stamp, len(message.data))
        self._times.look_at(stamp, "images")
        if self._side is not None and self._pipeline is not None:
            self._side.frames.image(message.header.frame_id, self._pipeline.encoder.info.frames)
        if not self._enabled:
            return
        if self._queue.put(message):
            # The interpreter goes to the inference thread only once this one waits, and what rclpy
            # does before it waits for the next message takes half a millisecond.
            time.sleep(HANDOVER_S)
        else:
            self._counts.frame_dropped()

    def _work(self, queue: FrameQueue[Any]) -> None:
        """The inference thread."""
        pipeline = self._pipeline_or_fail()
        while (message := queue.get()) is not None:
            pipeline.process(message)

    def _on_enable(self, request: Any, response: Any) -> Any:
        self._enabled = bool(request.data)
        response.success = True
        response.message = "embedding images" if self._enabled else "images are ignored"
        return response

    # -- watching over it
    # -----------------------------------------------------------------------------

    def _say_once(self, topic: str, text: str) -> None:
        if topic not in self._said:
            self._said.add(topic)
            self.get_logger().warning(text)

    def _watch_publishers(self) -> None:
        if self._source is None:
            return
        self._source.watch()
        lost = self._counts.share_lost()
        if lost > self._value("lost_share_warning"):
            self._say_once("loss", self._lost_sentence(lost))

    def _lost_sentence(self, lost: float) -> str:
        """What is known of frames that get lost; a cause is named only where it can be one."""
        if self._source is None:
            return ""
        text = f"about {lost:.0%} of the frames on {self._source.topic} are missing by their stamps"
        if self._source.reliable or not self._counts.frames_are_large():
            return text
        return (
            f"{text}. They are best effort and larger than the 512 KB of Fast DDS's default "
            "shared memory, which loses such frames unless the camera's process was given more: "
            "start it with FASTDDS_DEFAULT_PROFILES_FILE set to slowfeat's "
            "config/fastdds_large_data.xml, or let it publish reliable"
        )

    def _health(self) -> tuple[bytes, str]:
        """Level and one line for /diagnostics."""
        source = self._source
        if self._pipeline is None:
            reason = f": {self.last_error}" if self.last_error else ""
            return (
                DiagnosticStatus.ERROR if reason else DiagnosticStatus.WARN,
                f"unconfigured{reason}",
            )
        if source is None:
            return DiagnosticStatus.WARN, "inactive"
        if not self._enabled:
            return DiagnosticStatus.OK, "disabled by ~/enable"
        if self._counts.seconds_without_frame() > 2.0:
            count = source.publisher_count()
            return DiagnosticStatus.WARN, f"no images on {source.topic} ({count} publishers)"
        counters = self._counts.counters
        if counters.embedded == 0 and counters.malformed_images + counters.failed_frames:
            why = self._counts.last_image_problem
            return DiagnosticStatus.ERROR, f"no image on {source.topic} can be used: {why}"
        most, lost, dropped = (
            self._value("lost_share_warning"),
            self._counts.share_lost(),
            self._counts.share_dropped(),
        )
        if lost > most:
            return DiagnosticStatus.WARN, self._lost_sentence(lost)
        if dropped > most:
            return (
                DiagnosticStatus.WARN,
                f"{dropped:.0%} of the images were dropped: they come faster than inference takes",
            )
        return DiagnosticStatus.OK, "embedding images"

    def _publish_diagnostics(self) -> None:
        encoder = self._pipeline.encoder if self._pipeline is not None else None
        self._diagnostics.publish(self._health(), self._counts, encoder, self._source, self.check)
        if self._pipeline is not None and self._side is not None:
            self._side.frames.mount(self._pipeline.encoder.info.frames)
            self._pipeline.health.publish()


def main() -> int:
    """What `ros2 run` and `ros2 launch` start; returns the exit code."""
    return node_program("encoder_node", EncoderNode)
