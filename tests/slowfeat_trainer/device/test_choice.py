"""A command computes on what was asked for, with as many threads as it may use cores."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch

from slowfeat.errors import UsageError
from slowfeat_trainer.device import choice
from slowfeat_trainer.device.choice import (
    busy_cores,
    choose_device,
    computing_on,
    describe,
    usable_cores,
)


def with_gpus(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: count > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: count)


def test_the_gpu_is_taken_unless_the_cpu_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    with_gpus(2, monkeypatch)
    assert choose_device() == torch.device("cuda")
    for name in ("cpu", "cuda:1"):
        with computing_on(name) as device:
            assert device == choose_device() == torch.device(name)
    assert choose_device() == torch.device("cuda")


@pytest.mark.parametrize(("count", "name"), [(0, "cuda"), (0, "cuda:0"), (1, "cuda:1")])
def test_a_device_that_is_not_there_is_refused_by_name(
    count: int, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_gpus(count, monkeypatch)
    with pytest.raises(UsageError, match=f"--device {name}: here is"), computing_on(name):
        pass
    # What failed leaves no wish behind.
    assert choose_device().type == ("cuda" if count else "cpu")


@pytest.mark.parametrize(
    ("quota", "most"), [("max 100000", None), ("50000 100000", 1), ("100000 100000", 1), ("", None)]
)
def test_a_containers_quota_bounds_the_cores(quota: str, most: int | None, tmp_path: Path) -> None:
    (tmp_path / "cpu.max").write_text(quota)
    bound = len(os.sched_getaffinity(0))
    assert usable_cores(tmp_path / "cpu.max") == (most or bound)
    assert usable_cores(tmp_path / "missing") == bound


def test_threads_never_exceed_the_cores_and_a_users_number_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    had = torch.get_num_threads()
    try:
        torch.set_num_threads(3)
        monkeypatch.setattr(choice, "usable_cores", lambda: 2)
        monkeypatch.setenv("OMP_NUM_THREADS", "3")
        with computing_on("cpu") as device:
            assert describe(device).endswith("3 threads")
        monkeypatch.delenv("OMP_NUM_THREADS")
        with computing_on("cpu") as device:
            assert describe(device).endswith("2 threads")
    finally:
        torch.set_num_threads(had)


@pytest.mark.parametrize(
    ("threads", "load", "says"),
    [(2, 0.4, ""), (2, 1.4, "OMP_NUM_THREADS=1"), (1, 9.0, ""), (4, 2.4, "OMP_NUM_THREADS=2")],
)
def test_cores_that_others_use_are_named(
    threads: int, load: float, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choice, "usable_cores", lambda: max(threads, 2))
    monkeypatch.setattr(torch, "get_num_threads", lambda: threads)
    monkeypatch.setattr(os, "getloadavg", lambda: (load, load, load))
    assert (says in busy_cores()) if says else not busy_cores()
