"""Where chunks are decoded: on the cores of this machine, or on a Ray cluster.

An engine maps a pure function over chunks, keeps the order, and never has more than a few chunks in
hand, so memory does not grow with the bag.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

from slowfeat.errors import UsageError

T = TypeVar("T")
R = TypeVar("R")
# Chunks in hand per worker: one that is worked on, the others wait while this process reads on.
AHEAD = 3


class Engine(Protocol):
    """Maps a function over chunks, in their order."""

    def map(self, function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Results in the order of the items."""
        ...


def _in_order(
    submit: Callable[[T], Any], result: Callable[[Any], R], items: Iterable[T], most: int
) -> Iterator[R]:
    waiting: deque[Any] = deque()
    for item in items:
        waiting.append(submit(item))
        if len(waiting) >= most:
            yield result(waiting.popleft())
    while waiting:
        yield result(waiting.popleft())


class Threads:
    """Threads of this process: decoding and resizing happen outside Python's lock."""

    def __init__(self, pool: ThreadPoolExecutor, workers: int) -> None:
        self._pool, self._workers = pool, workers

    def map(self, function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Results in the order of the items."""
        return _in_order(
            lambda item: self._pool.submit(function, item),
            lambda future: future.result(),
            items,
            AHEAD * self._workers,
        )


class Ray:
    """Tasks of a Ray cluster; chunks travel through its object store."""

    def __init__(self, ray: Any, workers: int) -> None:
        self._ray, self._workers = ray, workers

    def map(self, function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Results in the order of the items."""
        remote = self._ray.remote(function)
        return _in_order(remote.remote, self._ray.get, items, AHEAD * self._workers)


@contextmanager
def open_engine(name: str = "threads", workers: int | None = None) -> Iterator[Engine]:
    """The engine of a name.

    Args:
        name: "threads", or "ray": the cluster that RAY_ADDRESS names, else one started here.
        workers: chunks decoded at the same time; None takes all cores there are.

    Raises:
        UsageError: the name is unknown, or Ray is not installed.
    """
    if name == "threads":
        count = workers or os.cpu_count() or 1
        with ThreadPoolExecutor(count) as pool:
            yield Threads(pool, count)
    elif name == "ray":
        try:
            import ray
        except ImportError as error:
            raise UsageError(
                "--engine ray needs Ray, which is not installed: pip install 'slowfeat[cluster]'"
            ) from error
        started_here = not ray.is_initialized()
        if started_here:
            elsewhere = bool(os.environ.get("RAY_ADDRESS"))
            ray.init(
                num_cpus=None if elsewhere else workers,
                include_dashboard=False,
                log_to_driver=False,
                logging_level="error",
            )
        try:
            yield Ray(ray, workers or int(ray.cluster_resources().get("CPU", 1)))
        finally:
            if started_here:
                ray.shutdown()
    else:
        raise UsageError(f"engine {name!r} is unknown; there are threads, ray")
