"""The view selector: a lifecycle node that asks the encoder where to look next, and drives there.

configure makes the publishers and the services, activate listens to odometry and runs the loop
(`slowfeat.live.view_loop`), deactivate stops the robot. Whenever it is not in the middle of a
motion, and when it ends, the last command was zero.
"""

from __future__ import annotations

import sys
import time
from array import array
from collections.abc import Sequence
from typing import Any

import numpy as np
from nav_msgs.msg import Odometry
from rclpy.clock import Clock, ClockType
from rclpy.lifecycle import LifecycleState, TransitionCallbackReturn
from rclpy.parameter import Parameter
from rclpy.qos import DurabilityPolicy, QoSProfile
from slowfeat_interfaces.msg import Embedding, OdometryHealth, ViewChoice, ViewMove
from slowfeat_interfaces.srv import SelectView
from std_msgs.msg import Header, String
from std_srvs.srv import Trigger

from slowfeat.errors import MotionError, SlowfeatError
from slowfeat.geometry import is_optical_frame
from slowfeat.live.dead_man import DeadMan
from slowfeat.live.frames import ChildToBody, same_frame
from slowfeat.live.input_health import Level
from slowfeat.live.odometry_input import read_odometry
from slowfeat.live.steering import STILL, Velocity
from slowfeat.live.throttle import Throttle
from slowfeat.live.view_loop import Choices, Ended, LoopSettings, State, ViewLoop
from slowfeat.nodes.managed_node import SUCCESS, ManagedNode
from slowfeat.nodes.messages import (
    motions_from_transforms,
    stamp_ns,
    transforms_from_motions,
    twist_lengths,
)
from slowfeat.nodes.process import node_program
from slowfeat.nodes.qos import ANY_PUBLISHER
from slowfeat.nodes.transforms import Transforms
from slowfeat.nodes.view_selector import candidate_markers
from slowfeat.nodes.view_selector.velocity_output import VelocityOutput
from slowfeat.nodes.view_selector.view_selector_parameters import VIEW_SELECTOR_PARAMETERS


class ViewSelectorNode(ManagedNode):
    """See the module; topics and parameters are described in docs/nodes/view_selector.md.

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
        super().__init__("view_selector", overrides, ros_args, context)
        self.settings = LoopSettings()
        self._throttle = Throttle(self)
        self._made: list[Any] = []
        self._offered: list[Any] = []
        self._heard: list[Any] = []
        self._timer: Any = None
        self._output: VelocityOutput | None = None
        self._dead_man: DeadMan | None = None
        self._loop: ViewLoop | None = None
        self._client: Any = None
        # The request that is not answered yet.
        self._pending: Any = None
        self._goal: array[float] = array("f")
        # Of the encoder that made it; empty where it says nothing.
        self._goal_hash = ""
        self._newest_odometry: Any = None
        self._transforms: Transforms | None = None
        self._mounts: ChildToBody | None = None
        # Header, transforms and full answer of the decision that is being made.
        self._answer: Any = None
        self._declare(VIEW_SELECTOR_PARAMETERS)

    def _is_configured(self) -> bool:
        return self._output is not None

    def _is_active(self) -> bool:
        return self._timer is not None

    # -- lifecycle
    # ------------------------------------------------------------------------------------

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Make the publishers, the client and the services."""
        del state
        try:
            self._configure()
        except Exception as error:
            self._free()
            return self._failed("configure", error)
        self.last_error = None
        return SUCCESS

    def _configure(self) -> None:
        self._output = VelocityOutput(self, bool(self._value("cmd_vel_stamped")))
        latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        self._choices = self.create_publisher(ViewChoice, "~/choice", 10)
        self._moves = self.create_publisher(ViewMove, "~/move", 10)
        self._states = self.create_publisher(String, "~/state", latched)
        self._made = [self._choices, self._moves, self._states]
        self._markers: Any = None
        if candidate_markers.MarkerArray is not None:
            self._markers = self.create_publisher(candidate_markers.MarkerArray, "~/candidates", 10)
            self._made.append(self._markers)
        encoder = self._value("encoder")
        self._client = self.create_client(SelectView, f"{encoder}/select_view")
        self._offered = [
            self.create_service(Trigger, "~/start", self._on_start),
            self.create_service(Trigger, "~/stop", self._on_stop),
        ]
        self._dead_man = DeadMan(self._output.zero, float(self._value("dead_man_s")))
        self._loop = ViewLoop(
            self.settings,
            self._ask,
            self._drive,
            self._throttle.warn,
            self._publish_choice,
            self._publish_move,
            self._publish_state,
            lambda: self.get_clock().now().nanoseconds / 1e9,
        )
        self._publish_state(State.STOPPED, "inactive")

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Listen to odometry and run the loop; move only where start_moving says so."""
        try:
            loop = self._loop_or_fail()
            self._transforms = Transforms(self)
            self._mounts = ChildToBody(self._transforms.lookup)
            self._heard = [
                self.create_subscription(Odometry, "odom", self._on_odometry, ANY_PUBLISHER),
                self.create_subscription(Embedding, "~/goal", self._on_goal, 10),
                self.create_subscription(
                    OdometryHealth, f"{self._value('encoder')}/odometry_health", self._on_health, 10
                ),
            ]
            # Simulated time may stand still; the robot is to be stopped all the same.
            steady = Clock(clock_type=ClockType.STEADY_TIME)
            self._timer = self.create_timer(
                1.0 / float(self._value("rate")), self._tick, clock=steady
            )
            if self._value("start_moving"):
                loop.start(time.monotonic())
            else:
                self._publish_state(State.STOPPED, "waiting for ~/start")
        except Exception as error:
            self._stop()
            return self._failed("activate", error)
        self.last_error = None
        self.get_logger().info(
            f"asks {self._client.srv_name}, odometry on {self._heard[0].topic_name}, commands on "
            f"{self._output.topic if self._output else ''}"
        )
        return super().on_activate(state)

    def _loop_or_fail(self) -> ViewLoop:
        if self._loop is None:
            raise SlowfeatError("the node is not configured")
        return self._loop

    def _stop(self) -> None:
        if self._timer is not None:
            self.destroy_timer(self._timer)
            self._timer = None
        if self._loop is not None:
            self._loop.stop("inactive", time.monotonic())
        if self._output is not None:
            self._output.zero()
        if self._dead_man is not None:
            self._dead_man.feed(moving=False)
        for subscription in self._heard:
            self.destroy_subscription(subscription)
        self._heard = []
        if self._transforms is not None:
            self._transforms.close()
            self._transforms = self._mounts = None

    def _free(self) -> None:
        if self._dead_man is not None:
            self._dead_man.close()
            self._dead_man = None
        for service in self._offered:
            self.destroy_service(service)
        self._offered = []
        if self._client is not None:
            self.destroy_client(self._client)
            self._client = None
        for publisher in self._made:
            self.destroy_publisher(publisher)
        self._made = []
        if self._output is not None:
            self._output.close()
            self._output = None
        self._loop = None

    # -- the loop's hands and ears
    # --------------------------------------------------------------------

    def _tick(self) -> None:
        if self._loop is not None:
            self._loop.tick(time.monotonic())

    def _drive(self, velocity: Velocity) -> None:
        if self._output is not None and self._dead_man is not None:
            self._output.send(velocity)
            self._dead_man.feed(moving=velocity != STILL)

    def _ask(self) -> bool:
        if not self._client.service_is_ready():
            return False
        if self._pending is not None:
            # Of an encoder that ended before it answered.
            self._client.remove_pending_request(self._pending)
        request = SelectView.Request(
            policy=self._value("policy"),
            motions=transforms_from_motions(np.array(self._value("motions"), dtype=np.float64)),
            steps=int(self._value("steps")),
            beam=int(self._value("beam")),
            neighbours=int(self._value("neighbours")),
        )
        if request.policy == "goal":
            request.goal = self._goal
        self._pending = self._client.call_async(request)
        self._pending.add_done_callback(self._on_answer)
        return True

    def _on_answer(self, future: Any) -> None:
        if future is not self._pending or self._loop is None:
            return
        self._pending, answer = None, future.result()
        if answer is None:
            return
        if not answer.success:
            self._loop.take_refusal(answer.message)
            return
        if self._value("policy") == "goal" and self._goal_hash not in ("", answer.encoder_hash):
            self._loop.take_refusal(
                f"~/goal was made by encoder {self._goal_hash[:12]}, {answer.model} has "
                f"{answer.encoder_hash[:12]}: send the goal as the encoder in use embeds it"
            )
            return
        try:
            choices = Choices(
                stamp_ns(answer.header),
                motions_from_transforms(answer.motions),
                np.array(answer.score, dtype=np.float64),
                np.array(answer.outside_range, dtype=bool),
                float(answer.score_of_staying),
                self._value("policy"),
            )
        except MotionError as error:
            self._loop.take_refusal(str(error))
            return
        self._answer = answer
        self._loop.take_choices(choices, time.monotonic())

    def _on_odometry(self, message: Any) -> None:
        p, q = message.pose.pose.position, message.pose.pose.orientation
        child = message.child_frame_id
        read = read_odometry(
            stamp_ns(message.header),
            (p.x, p.y, p.z),
            (q.x, q.y, q.z, q.w),
            (message.header.frame_id, child),
            twist_lengths(message.twist.twist),
            self._child_to_body(child),
        )
        if self._loop is None:
            return
        if isinstance(read, str):
            self._throttle.warn("odometry message", f"odometry not used: {read}")
            self._loop.take_bad_odometry(time.monotonic())
            return
        self._newest_odometry = message
        if self._output is not None and child and not is_optical_frame(child):
            self._output.frame = child
        self._loop.take_odometry(read, time.monotonic())

    def _child_to_body(self, child: str) -> Any:
        """T_child_body where odometry is of another frame and its mount is
        known; else its name decides.
        """
        body = self._value("body_frame")
        if self._mounts is None or same_frame(child, body):
            return None
        return self._mounts.find(child, body)

    def _on_health(self, message: Any) -> None:
        if self._loop is not None and self._value("heed_odometry_health"):
            self._loop.take_health(Level(message.level), message.sentence, time.monotonic())

    def _on_goal(self, message: Any) -> None:
        self._goal, self._goal_hash = message.data, message.encoder_hash

    def _on_start(self, request: Any, response: Any) -> Any:
        del request
        response.success = self._timer is not None
        response.message = "moving" if response.success else "the node is inactive: activate it"
        if response.success:
            self._loop_or_fail().start(time.monotonic())
        return response

    def _on_stop(self, request: Any, response: Any) -> Any:
        del request
        self._loop_or_fail().stop("~/stop was called", time.monotonic())
        response.success = True
        response.message = "the robot stands still until ~/start is called"
        return response

    # -- what is reported
    # ---------------------------------------------------------------------------------

    def _publish_choice(self, choices: Choices, chosen: int) -> None:
        answer = self._answer
        self._choices.publish(
            ViewChoice(
                header=answer.header,
                model=answer.model,
                policy=choices.policy,
                motions=answer.motions,
                score=answer.score,
                score_of_staying=answer.score_of_staying,
                expected_error=answer.expected_error,
                outside_range=answer.outside_range,
                chosen=chosen,
                encoder_hash=answer.encoder_hash,
            )
        )
        if self._markers is None or self._newest_odometry is None:
            return
        odometry = self._newest_odometry
        header = Header(stamp=odometry.header.stamp, frame_id=odometry.child_frame_id)
        self._markers.publish(
            candidate_markers.marker_array(
                header, choices.motions, choices.scores, choices.outside_range, chosen
            )
        )

    def _publish_move(self, ended: Ended) -> None:
        asked, made = transforms_from_motions(np.stack([ended.asked, ended.made]))
        self._moves.publish(
            ViewMove(
                header=self._newest_odometry.header,
                asked=asked,
                made=made,
                duration=float(ended.seconds),
                outcome=int(ended.outcome),
            )
        )

    def _publish_state(self, state: State, reason: str) -> None:
        self._states.publish(String(data=f"{state.value}: {reason}" if reason else state.value))
        if reason:
            self.get_logger().info(f"{state.value}: {reason}")


def main() -> int:
    """What `ros2 run` and `ros2 launch` start; returns the exit code."""
    return node_program("view_selector_node", ViewSelectorNode)


if __name__ == "__main__":
    sys.exit(main())
