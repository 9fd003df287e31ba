"""Work timed in turns: ours and what it is compared with one after the other, round after round.

A machine is faster in one minute than in the next. So a ratio is formed within a round, of turns
that are neighbours, and reported with its range over the rounds.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Clock = Callable[[], float]
Work = Callable[[], object]


@dataclass(frozen=True)
class Spread:
    """Median and range of what some rounds gave."""

    median: float
    low: float
    high: float
    rounds: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Of at least one value."""
        return cls(statistics.median(values), min(values), max(values), len(values))


@dataclass(frozen=True)
class Turns:
    """Seconds of one call, by the name of the work and in the order of the rounds."""

    seconds: dict[str, list[float]]

    def cost(self, name: str) -> Spread:
        """Seconds of one call."""
        return Spread.of(self.seconds[name])

    def rate(self, name: str, count: float = 1.0) -> Spread:
        """Calls a second, or things a second where a call handles `count` of them."""
        return Spread.of([count / s for s in self.seconds[name]])

    def times(self, name: str, peer: str) -> Spread:
        """Time of one in units of the time of the other, round by round."""
        pairs = zip(self.seconds[name], self.seconds[peer], strict=True)
        return Spread.of([a / b for a, b in pairs])

    def speed(self, name: str, peer: str) -> Spread:
        """Speed of one in units of the speed of the other, round by round."""
        return self.times(peer, name)


def take_turns(
    works: Mapping[str, Work],
    rounds: int,
    turn_s: float = 0.0,
    least_s: float = 0.0,
    clock: Clock = time.perf_counter,
) -> Turns:
    """Time some works in turns, each round in the opposite order of the one before.

    Args:
        works: by name; each is called once first, to warm up.
        rounds: turns of each, at least one.
        turn_s: short works are called as often as fills a turn of this many seconds.
        least_s: more rounds are added until all turns together took so long, s.
        clock: the time, in seconds.
    """
    calls = {name: _calls(work, turn_s) for name, work in works.items()}
    seconds: dict[str, list[float]] = {name: [] for name in works}
    names, spent, k = list(works), 0.0, 0
    while k < rounds or spent < least_s:
        for name in names if k % 2 == 0 else names[::-1]:
            begun, real = clock(), time.perf_counter()
            for _ in range(calls[name]):
                works[name]()
            seconds[name].append(max(clock() - begun, 1e-9) / calls[name])
            spent += time.perf_counter() - real
        k += 1
    return Turns(seconds)


def _calls(work: Work, turn_s: float) -> int:
    """How many calls fill a turn; the first call warms up, the second is measured."""
    work()
    if turn_s <= 0:
        return 1
    begun = time.perf_counter()
    work()
    return max(1, round(turn_s / max(time.perf_counter() - begun, 1e-7)))


def cpu_of_children() -> float:
    """User and system seconds of all children that have ended: a
    clock for work in other processes.
    """
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def one_thread() -> dict[str, str]:
    """The environment of a child in which numeric libraries stay on one core."""
    return {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def call(*words: str) -> None:
    """Run a program to its end, quietly.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
