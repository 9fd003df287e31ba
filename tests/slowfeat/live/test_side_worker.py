"""Requests and frames take turns, old frames make room, and what waits is given up at the end."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from slowfeat.live.side_worker import MOST_WAITING, NICER, SideWorker


class Bench:
    """A worker that is held in a first job until it is let go."""

    def __init__(self) -> None:
        self.worker, self.done, self.given_up = SideWorker(), list[Any](), list[Any]()
        self.held, self.let_go, self.at_end = (threading.Event() for _ in range(3))
        assert self.worker.ask(self._hold, lambda: None)
        assert self.held.wait(5)

    def _hold(self) -> None:
        self.held.set()
        assert self.let_go.wait(5)

    def ask(self, name: str) -> bool:
        return self.worker.ask(lambda: self.done.append(name), lambda: self.given_up.append(name))

    def frame(self, name: str) -> None:
        self.worker.add_frame(lambda: self.done.append(name))

    def finish(self) -> list[Any]:
        assert self.worker.ask(self.at_end.set, lambda: None)
        self.let_go.set()
        assert self.at_end.wait(5)
        return self.done


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.let_go.set()
    made.worker.close()


def test_requests_and_frames_take_turns(bench: Bench) -> None:
    for name in ("a", "b", "c"):
        assert bench.ask(name)
    bench.worker.length = 2
    bench.frame("1")
    bench.frame("2")
    assert bench.finish() == ["1", "a", "2", "b", "c"]


def test_the_newest_frames_make_old_ones_go(bench: Bench) -> None:
    for name in ("1", "2", "3"):
        bench.frame(name)
    assert bench.finish() == ["3"]
    assert bench.worker.dropped == 2


def test_more_requests_than_can_wait_are_refused(bench: Bench) -> None:
    assert [bench.ask(str(k)) for k in range(MOST_WAITING + 1)] == [True] * MOST_WAITING + [False]
    closing = threading.Thread(target=bench.worker.close)
    closing.start()
    while len(bench.given_up) < MOST_WAITING and closing.is_alive():
        time.sleep(0.001)
    bench.let_go.set()
    closing.join()
    assert bench.given_up == [str(k) for k in range(MOST_WAITING)]
    assert not bench.ask("late")
    bench.frame("late")
    assert bench.done == []


@pytest.mark.skipif(sys.platform != "linux", reason="priorities a thread are Linux's")
def test_its_thread_has_a_lower_priority() -> None:
    found: list[int] = []
    done = threading.Event()
    worker = SideWorker()

    def look() -> None:
        found.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        done.set()

    worker.ask(look, lambda: None)
    assert done.wait(5)
    worker.close()
    here = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    assert found == [min(here + NICER, 19)]
