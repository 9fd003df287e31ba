"""Which device a command computes on: asked for by a flag, said before the work begins."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

import torch

from slowfeat.errors import UsageError

AUTO = "auto"
_asked: ContextVar[str] = ContextVar("_asked", default=AUTO)
# Share of the cores in use by others from which on threads wait for each other.
BUSY = 0.5
CPU_QUOTA = Path("/sys/fs/cgroup/cpu.max")


@contextmanager
def computing_on(name: str) -> Iterator[torch.device]:
    """The device of a name ("auto", "cpu", "cuda", "cuda:1") for all that is done in the block.

    On a CPU, PyTorch gets as many threads as this process may use cores, unless OMP_NUM_THREADS
    says how many.

    Raises:
        UsageError: this machine has no such device.
    """
    token = _asked.set(name)
    try:
        device = choose_device()
        if device.type == "cpu" and not os.environ.get("OMP_NUM_THREADS"):
            torch.set_num_threads(min(torch.get_num_threads(), usable_cores()))
        yield device
    finally:
        _asked.reset(token)


def choose_device() -> torch.device:
    """The device that was asked for; without a wish the GPU where there is one.

    Raises:
        UsageError: this machine has no such device.
    """
    name = _asked.get()
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if name == AUTO:
        return torch.device("cuda" if count else "cpu")
    device = torch.device(name)
    if device.type == "cuda" and (device.index or 0) >= count:
        there = ", ".join(f"cuda:{k}" for k in range(count)) or "no GPU that PyTorch can use"
        raise UsageError(f"--device {name}: here is {there}; use cpu or auto")
    return device


def usable_cores(quota: Path = CPU_QUOTA) -> int:
    """Cores that this process may use: those it is bound to, within a container's quota."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    try:
        most, period = quota.read_text(encoding="ascii").split()
        allowed = -(-int(most) // int(period))
    except (OSError, ValueError):  # no quota: "max"
        allowed = cores or 1
    return max(1, min(cores or 1, allowed))


def describe(device: torch.device) -> str:
    """A device in words: which, and how many threads."""
    if device.type == "cuda":
        return f"{device}: {torch.cuda.get_device_name(device)}"
    threads = torch.get_num_threads()
    return f"cpu: {platform.machine()}, {threads} thread{'s' * (threads > 1)}"


def busy_cores() -> str:
    """What to do where other programs use the cores, in a sentence; empty where they do not."""
    threads, cores = torch.get_num_threads(), usable_cores()
    load = os.getloadavg()[0]
    if threads == 1 or load <= BUSY * cores:
        return ""
    free = max(1, round(cores - load))
    return (
        f"other programs use the cores (load {load:.1f} on {cores}), and threads wait for each "
        f"other: OMP_NUM_THREADS={free} may be several times as fast"
    )
