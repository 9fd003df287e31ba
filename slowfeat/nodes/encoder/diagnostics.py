"""The two statuses on /diagnostics: what comes in and goes out, and the live self-check."""

from __future__ import annotations

from typing import Any

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus

from slowfeat.encoder import Encoder
from slowfeat.live.input_health import Level
from slowfeat.live.motion_check import MotionCheck
from slowfeat.live.odometry_health import OdometryHealth
from slowfeat.live.statistics import Statistics
from slowfeat.nodes.encoder.image_source import ImageSource
from slowfeat.nodes.messages import key_values
from slowfeat.self_check import SelfCheck

# By Level.
LEVELS = (DiagnosticStatus.OK, DiagnosticStatus.WARN, DiagnosticStatus.STALE)


class Diagnostics:
    """Publishes both statuses of a node, and logs the self-check's verdict when it changes."""

    def __init__(self, node: Any) -> None:
        self._node = node
        self._publisher = node.create_publisher(DiagnosticArray, "/diagnostics", 10)
        self._logged = Level.OK
        self._was_ok = False

    def publish(
        self,
        health: tuple[bytes, str],
        counts: Statistics,
        encoder: Encoder | None,
        source: ImageSource | None,
        check: MotionCheck,
    ) -> None:
        """Publish the present state.

        Args:
            health: level and one line about images and embeddings.
            counts: what came in and went out.
            encoder: the bundle in use; None while unconfigured.
            source: where images come from; None while inactive.
            check: knows the health of odometry.
        """
        judged = check.judge.health() if source is not None else None
        self._log(judged)
        message = DiagnosticArray(
            status=[
                self._embedding(health, counts, encoder, source),
                self._self_check(judged, check.self_check, encoder),
            ]
        )
        message.header.stamp = self._node.get_clock().now().to_msg()
        self._publisher.publish(message)

    def _log(self, health: OdometryHealth | None) -> None:
        """Each change of the level, once; a node that waits for its
        first images has nothing to say.
        """
        if health is None:
            self._logged, self._was_ok = Level.OK, False
            return
        level, before = health.level, self._logged
        self._was_ok = self._was_ok or level is Level.OK
        new_stale = level is Level.STALE and before is Level.OK and self._was_ok
        if new_stale or (level is Level.WARN and before is not Level.WARN):
            self._node.get_logger().warning(f"self-check: {health.sentence}")
        elif level is Level.OK and before is not Level.OK:
            self._node.get_logger().info("self-check: well again")
        if level is not Level.STALE or self._was_ok:
            self._logged = level

    def _name(self, task: str) -> str:
        return f"{self._node.get_fully_qualified_name().lstrip('/')}: {task}"

    def _embedding(
        self,
        health: tuple[bytes, str],
        counts: Statistics,
        encoder: Encoder | None,
        source: ImageSource | None,
    ) -> Any:
        values = counts.summary()
        if encoder is not None:
            values |= {"Model": encoder.info.name, "Execution provider": encoder.provider}
        if source is not None:
            values["Image topic"] = source.topic
        return DiagnosticStatus(
            level=health[0],
            name=self._name("embedding"),
            message=health[1],
            hardware_id=encoder.info.name if encoder is not None else "",
            values=key_values(values),
        )

    def _self_check(
        self, health: OdometryHealth | None, check: SelfCheck, encoder: Encoder | None
    ) -> Any:
        if health is None:
            health = OdometryHealth(Level.STALE, "inactive")
        return DiagnosticStatus(
            level=LEVELS[health.level],
            name=self._name("self-check"),
            message=health.sentence,
            hardware_id=encoder.info.name if encoder is not None else "",
            values=key_values(
                {
                    "Comparisons in window": health.comparisons,
                    "Comparisons left out": health.left_out,
                    "Duration of window (s)": f"{check.window_s:.3f}",
                    "Median of error / expected error": f"{health.ratio:.3f}",
                    "Threshold of the median": f"{check.ratio_threshold:.3f}",
                    "Best scale of the motion": f"{health.scale:.3f}",
                    "Error that this scale takes away": f"{health.scale_gain:.3f}",
                    "Threshold of the error taken away": f"{check.scale_threshold:.3f}",
                }
            ),
        )
