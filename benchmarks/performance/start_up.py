"""Start of the command line beside Python's own start."""

from __future__ import annotations

import sys
import time
from functools import partial

from benchmarks.performance.figures import Figure, Goal, Section, cost
from benchmarks.performance.material import BenchmarkInputs, note
from benchmarks.performance.turns import Clock, Turns, Work, call, cpu_of_children, take_turns
from slowfeat.cli import find_commands

PEER = "python -c pass"
# Seconds that `slowfeat --help` may take, as ms.
GOAL = Goal("ours", "at most", 300.0)
ABOUT = (
    "`python -m slowfeat ... --help` beside `python -c pass`, each in a process of its own: wall "
    "clock, and CPU (user and system) of the process."
)


def python(*words: str) -> Work:
    """A work that runs Python once."""
    return partial(call, sys.executable, *words)


def compare(commands: list[str], rounds: int, clock: Clock) -> Turns:
    """Seconds of --help of each command ("" is the program's own) and of PEER."""
    works = {PEER: python("-c", "pass")}
    works |= {name: python("-m", "slowfeat", *name.split(), "--help") for name in commands}
    return take_turns(works, rounds, clock=clock)


def measure(material: BenchmarkInputs) -> Section:
    """The program's --help on both clocks, and that of every command by CPU."""
    section = Section("start-up", "Start-up of the command line", ABOUT)
    rounds = material.pick(11, 3)
    note("start-up of slowfeat --help")
    wall, cpu = (compare([""], rounds, clock) for clock in (time.perf_counter, cpu_of_children))
    section.figures = [
        cost("slowfeat --help, wall clock", wall, "", PEER, GOAL),
        cost("slowfeat --help, CPU", cpu, "", PEER),
    ]
    note("start-up of each command")
    commands = list(find_commands())
    turns = compare(commands, material.pick(3, 1), cpu_of_children)
    section.figures += [of_command(name, turns) for name in commands]
    return section


def of_command(name: str, turns: Turns) -> Figure:
    """CPU of a command's --help."""
    return cost(f"slowfeat {name} --help, CPU", turns, name, PEER)
