"""The report for a terminal."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from slowfeat_trainer.bags import Topic
from slowfeat_trainer.inspection.report_text import BAR, MOST_TOPICS, _topics, bar
from slowfeat_trainer.inspection.topic_survey import TopicTimes


def test_bars_are_as_long_as_their_shares() -> None:
    assert bar(0.5, 0.5) == "█" * BAR
    assert bar(0.25, 0.5) == "█" * (BAR // 2)
    assert bar(0.0, 0.5) == bar(0.0, 0.0) == ""


def test_of_thousands_of_topics_those_with_the_most_messages_are_listed() -> None:
    counts = [5, *([0] * (MOST_TOPICS + 20)), 7]
    topics = [
        TopicTimes(
            Topic(f"/t{k}", "std_msgs/msg/String", count),
            None,
            np.arange(count, dtype=np.int64),
            np.zeros(count, np.int64),
        )
        for k, count in enumerate(counts)
    ]
    lines = list(_topics(SimpleNamespace(topics=topics)))  # type: ignore[arg-type]
    assert len(lines) == 1 + MOST_TOPICS + 1
    assert lines[1].split()[0] == "/t0"
    assert lines[-2].split()[0] == f"/t{len(counts) - 1}"
    assert lines[-1] == "  and 22 more topics, with fewer messages"
