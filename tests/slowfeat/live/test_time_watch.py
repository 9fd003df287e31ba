"""Stamps that run backwards start the check afresh, once; stamps from the future are counted."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from slowfeat.live.statistics import Statistics
from slowfeat.live.time_watch import FUTURE_S, TimeWatch
from slowfeat.odometry import BACKWARDS_S, NS

NOW_S = 1000


class Watched:
    """A watch whose clock stands at 1000 s."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.fresh_starts = 0
        self.counts = Statistics()
        clock = SimpleNamespace(now=lambda: SimpleNamespace(nanoseconds=NOW_S * NS))
        logger = SimpleNamespace(warning=self.said.append)
        node = SimpleNamespace(get_clock=lambda: clock, get_logger=lambda: logger)
        check: Any = SimpleNamespace(time_went_back=self.start_afresh)
        self.watch = TimeWatch(node, check, self.counts)

    def start_afresh(self) -> None:
        self.fresh_starts += 1

    def see(self, seconds: float, kind: str = "images") -> None:
        self.watch.look_at(round(seconds * NS), kind)


@pytest.fixture
def watched() -> Watched:
    return Watched()


def test_time_that_goes_on_and_a_little_disorder_are_nothing(watched: Watched) -> None:
    for seconds in (900, 901, 901 - BACKWARDS_S / 2, 902):
        watched.see(seconds)
    assert (watched.fresh_starts, watched.said) == (0, [])


def test_all_inputs_that_go_back_are_one_event(watched: Watched) -> None:
    for kind in ("images", "odometry"):
        watched.see(900, kind)
    for kind in ("images", "odometry"):
        watched.see(500, kind)
    assert watched.fresh_starts == watched.counts.counters.time_jumps == 1
    assert len(watched.said) == 1
    assert watched.said[0].startswith("time ran backwards by 400 s (stamps of images)")
    # From the new time on, all is well; and it may go back again.
    watched.see(501)
    watched.see(300)
    assert watched.fresh_starts == 2


def test_stamps_of_zero_are_no_time(watched: Watched) -> None:
    watched.see(900)
    watched.see(0)
    assert watched.fresh_starts == 0


def test_stamps_from_the_future_are_counted(watched: Watched) -> None:
    watched.see(NOW_S + FUTURE_S - 1)
    assert watched.counts.counters.future_stamps == 0
    watched.see(NOW_S + FUTURE_S + 1)
    watched.see(NOW_S + FUTURE_S + 2)
    assert watched.counts.counters.future_stamps == 2
    assert len(watched.said) == 1
    assert "from the future" in watched.said[0]
