"""What comes in beside the images: odometry, camera_info, and motions to predict for.

Each message is checked before it is used; what is wrong is counted and named in a throttled
warning.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy.typing as npt
from geometry_msgs.msg import PoseArray
from nav_msgs.msg import Odometry
from rclpy.qos_overriding_options import QoSOverridingOptions
from sensor_msgs.msg import CameraInfo

from slowfeat.errors import MotionError
from slowfeat.live.frame_check import FrameCheck
from slowfeat.live.frames import same_frame
from slowfeat.live.preparation import NONE
from slowfeat.live.statistics import Statistics
from slowfeat.live.throttle import Throttle
from slowfeat.live.time_watch import TimeWatch
from slowfeat.nodes.encoder.image_source import camera_info_topics
from slowfeat.nodes.encoder.pipeline import Pipeline
from slowfeat.nodes.messages import motions_from_poses, stamp_ns, twist_lengths
from slowfeat.nodes.qos import ANY_PUBLISHER
from slowfeat.nodes.transforms import Transforms


class SideInputs:
    """The subscriptions beside the images; made in activate, closed in deactivate.

    Args:
        node: subscribes and warns.
        pipeline: who uses what comes in.
        counts: what is counted.
        times: watches over stamps.
        on_motions: called with a flat sequence of 6 numbers each.
    """

    def __init__(
        self,
        node: Any,
        pipeline: Pipeline,
        counts: Statistics,
        times: TimeWatch,
        on_motions: Callable[[Sequence[float] | npt.NDArray[Any]], None],
    ) -> None:
        self._node = node
        self._throttle = Throttle(node)
        self._pipeline = pipeline
        self._counts = counts
        self._times = times
        self._on_motions = on_motions
        self._transforms = Transforms(node)
        self.frames = FrameCheck(
            self._transforms.lookup, pipeline.check.inputs, node.get_logger().warning
        )
        self._subscriptions = [
            self._subscribe(Odometry, "odom", self._on_odometry),
            self._subscribe(PoseArray, "~/motions", self._on_motions_message),
        ]
        self.odometry_topic: str = self._subscriptions[0].topic_name
        if pipeline.preparation.mode != NONE:
            names = camera_info_topics(node)
            pipeline.preparation.topic = " or ".join(names)
            pipeline.preparation.image_topic = str(node.resolve_topic_name("image"))
            for rank, topic in enumerate(names):
                take = partial(pipeline.preparation.take_camera_info, rank=rank)
                self._subscriptions.append(self._subscribe(CameraInfo, topic, take))

    def _subscribe(self, kind: Any, topic: str, callback: Callable[[Any], None]) -> Any:
        return self._node.create_subscription(
            kind,
            topic,
            callback,
            ANY_PUBLISHER,
            qos_overriding_options=QoSOverridingOptions.with_default_policies(),
        )

    def _on_odometry(self, message: Any) -> None:
        p, q = message.pose.pose.position, message.pose.pose.orientation
        counters = self._counts.counters
        counters.odometry += 1
        stamp = stamp_ns(message.header)
        self._times.look_at(stamp, "odometry")
        check, fixed = self._pipeline.check, message.header.frame_id
        check.T_child_body = self.frames.odometry(
            fixed, message.child_frame_id, self._pipeline.encoder.info.frames
        )
        reason = check.add_pose(
            stamp,
            message.child_frame_id,
            (p.x, p.y, p.z),
            (q.x, q.y, q.z, q.w),
            fixed,
            twist_lengths(message.twist.twist),
        )
        if reason is None:
            self._pipeline.health.relay(message)
        else:
            counters.malformed_odometry += 1
            count = counters.malformed_odometry
            self._throttle.warn("odometry", f"{count} odometry messages not used so far: {reason}")

    def _on_motions_message(self, message: Any) -> None:
        try:
            body = self._pipeline.encoder.info.frames.body
            if message.header.frame_id and not same_frame(message.header.frame_id, body):
                raise MotionError(
                    f"the poses are in frame {message.header.frame_id!r}; give those of the body "
                    f"after the motion in the body's own frame before it, {body!r}"
                )
            self._on_motions(motions_from_poses(message.poses).ravel())
        except MotionError as error:
            self._counts.counters.malformed_motions += 1
            count = self._counts.counters.malformed_motions
            self._throttle.warn(
                "motions", f"{count} messages on ~/motions not used so far: {error}"
            )

    def close(self) -> None:
        """End the subscriptions."""
        self._transforms.close()
        for subscription in self._subscriptions:
            self._node.destroy_subscription(subscription)
        self._subscriptions.clear()
