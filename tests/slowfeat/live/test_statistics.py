"""What the node says about its inputs."""

from __future__ import annotations

import random

from slowfeat.live.statistics import Statistics

LARGE = 921_600
PERIOD = 33_000_000


def received(indices: list[int], size: int) -> Statistics:
    counts = Statistics()
    for index in indices:
        counts.frame_arrived(index * PERIOD, size)
    return counts


def test_lost_large_frames_are_noticed_by_their_stamps() -> None:
    kept = [i for i in range(100) if i % 10 < 4]
    assert abs(received(kept, LARGE).share_lost() - 0.6) < 0.05


def test_complete_stream_has_lost_nothing() -> None:
    assert received(list(range(100)), LARGE).share_lost() < 0.01


def test_small_frames_are_not_suspected() -> None:
    assert received([0, 1, 5, 6, 20, 21, 50, 51], 10_000).share_lost() == 0.0


def test_summary_uses_the_names_of_diagnostic_updater() -> None:
    counts = received(list(range(5)), LARGE)
    counts.frame_done(2.0)
    summary = counts.summary()
    assert summary["Events in window"] == 5
    assert float(str(summary["Actual frequency (Hz)"])) > 0
    assert summary["Processing time p50 (ms)"] == "2.00"


def test_stamps_that_jitter_at_60_hz_are_no_loss() -> None:
    draw = random.Random(0)
    for size in (LARGE, 10_000):
        counts = Statistics()
        for index in range(300):
            counts.frame_arrived(round((index / 60 + draw.uniform(-0.008, 0.008)) * 1e9), size)
        assert counts.share_lost() < 0.05


def test_small_frames_that_get_lost_from_a_steady_stream_are_noticed() -> None:
    draw = random.Random(1)
    kept = [index for index in range(300) if draw.random() > 0.3]
    assert abs(received(kept, 10_000).share_lost() - 0.3) < 0.06


def test_a_camera_that_is_triggered_now_and_then_has_lost_nothing() -> None:
    draw, stamp, counts = random.Random(2), 0.0, Statistics()
    for _ in range(200):
        stamp += draw.expovariate(20.0)
        counts.frame_arrived(round(stamp * 1e9), LARGE)
    assert counts.share_lost() < 0.2


def test_frames_dropped_here_are_a_share_of_those_that_came() -> None:
    counts = received(list(range(10)), 10_000)
    for _ in range(4):
        counts.frame_dropped()
    assert counts.share_dropped() == 0.4
    assert counts.counters.dropped == 4
