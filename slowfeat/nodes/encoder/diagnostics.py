"""The two statuses on /diagnostics: what comes in and goes out, and the live self-check."""

from __future__ import annotations

from typing import Any

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus

from slowfeat.encoder import Encoder
from slowfeat.live.statistics import Statistics
from slowfeat.nodes.encoder.image_source import ImageSource
from slowfeat.nodes.messages import key_values
from slowfeat.self_check import SelfCheck, Verdict


class Diagnostics:
    """Publishes both statuses of a node, and logs the self-check's verdict when it changes."""

    def __init__(self, node: Any) -> None:
        self._node = node
        self._publisher = node.create_publisher(DiagnosticArray, "/diagnostics", 10)
        self._had_problem = False

    def publish(
        self,
        health: tuple[bytes, str],
        counts: Statistics,
        encoder: Encoder | None,
        source: ImageSource | None,
        check: SelfCheck,
    ) -> None:
        """Publish the present state.

        Args:
            health: level and one line about images and embeddings.
            counts: what came in and went out.
            encoder: the bundle in use; None while unconfigured.
            source: where images come from; None while inactive.
            check: the self-check.
        """
        verdict = check.verdict()
        self._log(verdict)
        message = DiagnosticArray(
            status=[
                self._embedding(health, counts, encoder, source),
                self._self_check(verdict, check, encoder),
            ]
        )
        message.header.stamp = self._node.get_clock().now().to_msg()
        self._publisher.publish(message)

    def _log(self, verdict: Verdict) -> None:
        if verdict.problem and not self._had_problem:
            self._node.get_logger().warning(f"self-check: {verdict.problem}")
        if self._had_problem and not verdict.problem:
            self._node.get_logger().info("self-check: well again")
        self._had_problem = bool(verdict.problem)

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

    def _self_check(self, verdict: Verdict, check: SelfCheck, encoder: Encoder | None) -> Any:
        # NaN until enough is known.
        told = verdict.ratio == verdict.ratio
        text = verdict.problem or (
            "the robot's motion is predicted as expected"
            if told
            else "too few comparisons: they need images with odometry around them"
        )
        return DiagnosticStatus(
            level=DiagnosticStatus.WARN if verdict.problem else DiagnosticStatus.OK,
            name=self._name("self-check"),
            message=text,
            hardware_id=encoder.info.name if encoder is not None else "",
            values=key_values(
                {
                    "Comparisons in window": verdict.comparisons,
                    "Duration of window (s)": f"{check.window_s:.3f}",
                    "Median of error / expected error": f"{verdict.ratio:.3f}",
                    "Threshold of the median": f"{check.ratio_threshold:.3f}",
                    "Best scale of the motion": f"{verdict.scale:.3f}",
                    "Error that this scale takes away": f"{verdict.scale_gain:.3f}",
                    "Threshold of the error taken away": f"{check.scale_threshold:.3f}",
                }
            ),
        )
