"""Work in several processes: all of it is done, each worker keeps to cores of
its own, and a failure is told.
"""

from __future__ import annotations

import os
import time
from functools import partial
from pathlib import Path

import pytest

from benchmarks.side_by_side import side_by_side


def note(folder: Path, name: str) -> None:
    # Long enough that one worker does not do everything.
    time.sleep(0.5)
    cores = " ".join(map(str, sorted(os.sched_getaffinity(0))))
    (folder / name).write_text(f"{os.getpid()}:{cores}")


def fail() -> None:
    raise ValueError("this one cannot be done")


def test_everything_is_done_each_worker_on_its_own_cores(tmp_path: Path) -> None:
    if len(os.sched_getaffinity(0)) < 2:
        pytest.skip("one core: there is nothing to share out")
    side_by_side(2, [partial(note, tmp_path, str(k)) for k in range(6)])
    said = [path.read_text().split(":") for path in tmp_path.iterdir()]
    assert len(said) == 6
    cores_of = {worker: set(cores.split()) for worker, cores in said}
    assert len(cores_of) == 2
    assert not set.intersection(*cores_of.values())


def test_one_job_leaves_the_work_to_the_caller(tmp_path: Path) -> None:
    side_by_side(1, [partial(note, tmp_path, "a")])
    assert not list(tmp_path.iterdir())


def test_a_failure_is_told() -> None:
    with pytest.raises(ValueError, match="cannot be done"):
        side_by_side(2, [fail])
