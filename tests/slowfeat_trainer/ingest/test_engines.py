"""Engines: in order, bounded, and the same results wherever the work is done."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from slowfeat.errors import UsageError
from slowfeat_trainer.ingest.engines import AHEAD, open_engine


def slow_square(x: int) -> int:
    time.sleep(0.002 * (x % 3))
    return x * x


def test_results_come_in_the_order_of_the_items() -> None:
    with open_engine(workers=4) as engine:
        assert list(engine.map(slow_square, range(50))) == [x * x for x in range(50)]


def test_no_more_is_read_than_can_be_worked_on() -> None:
    read, finished, most = 0, 0, 0
    lock = threading.Lock()

    def items() -> Iterator[int]:
        nonlocal read
        for k in range(100):
            read += 1
            yield k

    def work(x: int) -> int:
        nonlocal finished
        time.sleep(0.001)
        with lock:
            finished += 1
        return x

    with open_engine(workers=2) as engine:
        for taken, _ in enumerate(engine.map(work, items()), start=1):
            most = max(most, read - taken)
    assert finished == 100
    assert most <= AHEAD * 2


def test_an_error_in_the_work_reaches_the_caller() -> None:
    def fail(x: int) -> int:
        raise RuntimeError(f"item {x}")

    with open_engine(workers=2) as engine, pytest.raises(RuntimeError, match="item 0"):
        list(engine.map(fail, range(5)))


def test_unknown_and_missing_engines_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="there are threads, ray"), open_engine("magic"):
        pass
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    with pytest.raises(UsageError, match=r"slowfeat\[cluster\]"), open_engine("ray"):
        pass
