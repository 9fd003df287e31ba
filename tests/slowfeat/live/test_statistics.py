"""What the node says about its inputs."""

from __future__ import annotations

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
