"""Qualities of service that the nodes share."""

from __future__ import annotations

from rclpy.qos import HistoryPolicy, QoSProfile, ReliabilityPolicy

# Best effort takes messages from every publisher; small ones do not get lost.
ANY_PUBLISHER = QoSProfile(
    history=HistoryPolicy.KEEP_LAST, depth=50, reliability=ReliabilityPolicy.BEST_EFFORT
)
