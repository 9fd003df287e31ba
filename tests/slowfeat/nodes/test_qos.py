"""The quality of service of small inputs hears every publisher."""

from __future__ import annotations

import pytest
from rclpy.qos import (
    DurabilityPolicy,
    QoSCompatibility,
    QoSProfile,
    ReliabilityPolicy,
    qos_check_compatible,
)

from slowfeat.nodes.qos import ANY_PUBLISHER


@pytest.mark.parametrize("reliability", [ReliabilityPolicy.RELIABLE, ReliabilityPolicy.BEST_EFFORT])
@pytest.mark.parametrize(
    "durability", [DurabilityPolicy.VOLATILE, DurabilityPolicy.TRANSIENT_LOCAL]
)
def test_it_hears_every_publisher(
    reliability: ReliabilityPolicy, durability: DurabilityPolicy
) -> None:
    publisher = QoSProfile(depth=1, reliability=reliability, durability=durability)
    assert qos_check_compatible(publisher, ANY_PUBLISHER)[0] != QoSCompatibility.ERROR


def test_one_that_asks_for_reliability_would_not() -> None:
    publisher = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)
    reliable = QoSProfile(depth=1, reliability=ReliabilityPolicy.RELIABLE)
    assert qos_check_compatible(publisher, reliable)[0] == QoSCompatibility.ERROR
