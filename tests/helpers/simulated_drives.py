"""What the tests drive, and how they read the bags."""

import dataclasses
from pathlib import Path
from typing import Any

from rosbags.highlevel import AnyReader

from slowfeat_trainer.simulation.drive import SimulationConfig
from slowfeat_trainer.simulation.driver import DriveConfig

SHORT = SimulationConfig(map_name="MAP05", seconds=4.0, size=(96, 72), seed=1)
# Hardly moves, but looks around all the time.
SPINNING = dataclasses.replace(
    SHORT, seconds=8.0, drive=DriveConfig(speed=0.02, look_around_every=0.5), jpeg_quality=95
)


def read_bag(path: Path) -> dict[str, list[tuple[int, Any]]]:
    """Receive stamps and messages, by topic."""
    topics: dict[str, list[tuple[int, Any]]] = {}
    with AnyReader([path]) as reader:
        for connection, stamp, raw in reader.messages():
            message = reader.deserialize(raw, connection.msgtype)
            topics.setdefault(connection.topic, []).append((stamp, message))
    return topics
