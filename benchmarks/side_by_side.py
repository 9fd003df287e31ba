"""Work that leaves its results on disk, done by several processes at once."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import torch


def side_by_side(jobs: int, work: Iterable[Callable[[], Any]]) -> None:
    """Call everything, `jobs` at a time, each on cores of its own; what a call returns is dropped.

    Two trainings with a core each are done sooner than one after the other with two. With one job
    nothing is called: the caller does its work in its usual order.
    """
    if jobs < 2:
        return
    context = multiprocessing.get_context("spawn")
    # Taken by a worker when it starts, so that no two share a core that a third leaves idle.
    shares = context.Queue()
    cores = sorted(os.sched_getaffinity(0))
    for number in range(jobs):
        shares.put(cores[number::jobs] or cores)
    with ProcessPoolExecutor(jobs, context, _keep_to, (shares,)) as pool:
        for done in [pool.submit(call) for call in work]:
            done.result()


def _keep_to(shares: Any) -> None:
    cores = shares.get()
    os.sched_setaffinity(0, cores)
    torch.set_num_threads(len(cores))
