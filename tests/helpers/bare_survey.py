"""What inspect knows of a bag that holds one topic of a clock: neither images nor motion."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from slowfeat_trainer.bags import Topic
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.inspection.candidates import Choice
from slowfeat_trainer.inspection.storage import Storage
from slowfeat_trainer.inspection.survey import Survey
from slowfeat_trainer.inspection.topic_survey import TopicTimes

NS = 1_000_000_000


def times_of(topic: Topic, receive_s: list[float], header_s: list[float] | None) -> TopicTimes:
    """Messages received, and stamped, at some seconds."""
    headers = None if header_s is None else (np.array(header_s) * NS).astype(np.int64)
    return TopicTimes(topic, headers, (np.array(receive_s) * NS).astype(np.int64), 1234)


def bare_survey(path: Path) -> Survey:
    """A bag of 1.5 s, begun an hour after the epoch."""
    clock = times_of(Topic("/clock", "std_msgs/msg/Header", 4), [3600, 3600.5, 3601, 3601.5], None)
    return Survey(
        path=path,
        options=IngestOptions(),
        storage=Storage("mcap", "zstd chunks", 2, 3_400_000, "ROS 2 jazzy"),
        start_ns=3600 * NS,
        seconds=1.5,
        topics=[clock],
        image_choice=Choice(None, [], problem="no images at all"),
        motion_choice=Choice(None, []),
    )
