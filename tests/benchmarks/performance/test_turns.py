"""Works take turns, and a ratio is formed within its round."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from benchmarks.performance.turns import Spread, Turns, call, cpu_of_children, take_turns


class Time:
    """A clock that only works move on."""

    def __init__(self) -> None:
        self.now = 0.0
        self.order: list[str] = []

    def __call__(self) -> float:
        return self.now

    def work(self, name: str, seconds: float) -> Callable[[], None]:
        def run() -> None:
            self.order.append(name)
            # The machine becomes slower all the time.
            self.now += seconds * (1 + self.now)

        return run


def test_order_is_turned_around_in_every_round() -> None:
    time = Time()
    take_turns({"a": time.work("a", 0), "b": time.work("b", 0)}, 3, clock=time)
    assert time.order[:2] == ["a", "b"]  # warm-up
    assert time.order[2:] == ["a", "b", "b", "a", "a", "b"]


def test_a_machine_that_slows_down_leaves_the_ratio_where_it_is() -> None:
    time = Time()
    works = {"ours": time.work("ours", 0.002), "floor": time.work("floor", 0.001)}
    turns = take_turns(works, 200, clock=time)
    assert turns.seconds["floor"][-1] > 1.5 * turns.seconds["floor"][0]
    assert turns.times("ours", "floor").median == pytest.approx(2.0, rel=0.01)
    assert turns.speed("ours", "floor").median == pytest.approx(0.5, rel=0.01)


def test_short_works_fill_their_turn_and_are_told_a_call() -> None:
    calls = []
    turns = take_turns({"short": lambda: calls.append(1)}, 1, turn_s=0.01)
    assert len(calls) > 100
    assert turns.cost("short").median < 0.001


def test_rounds_are_added_until_enough_time_was_spent() -> None:
    turns = take_turns({"short": lambda: sum(range(10_000))}, 1, least_s=0.02)
    assert len(turns.seconds["short"]) > 2


def test_rates_and_ranges() -> None:
    turns = Turns({"a": [1.0, 2.0, 4.0], "b": [1.0, 1.0, 1.0]})
    assert turns.rate("a", 8) == Spread(4.0, 2.0, 8.0, 3)
    assert turns.times("a", "b") == Spread(2.0, 1.0, 4.0, 3)


def test_cpu_of_children_counts_their_work_and_not_their_sleep() -> None:
    works = {
        "sleeps": lambda: call(sys.executable, "-S", "-c", "import time; time.sleep(0.3)"),
        "works": lambda: call(sys.executable, "-S", "-c", "sum(range(10_000_000))"),
    }
    turns = take_turns(works, 1, clock=cpu_of_children)
    assert turns.cost("works").median > 2 * turns.cost("sleeps").median
