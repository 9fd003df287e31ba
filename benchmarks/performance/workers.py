"""What a second worker wins: ingest on threads and on Ray, training in two processes."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.performance import ingest
from benchmarks.performance.figures import Section, rate
from benchmarks.performance.growth import Growth
from benchmarks.performance.material import BenchmarkInputs, note, quiet
from benchmarks.performance.turns import Turns, one_thread, take_turns
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.ingest.engines import open_engine
from slowfeat_trainer.ingest.ingest_bags import ingest as ingest_bags

WORKERS = {1: "one worker", 2: "two workers"}
ROOT = Path(__file__).resolve().parents[2]
# Longer than this no training of this benchmark takes, s.
LIMIT_S = 300
ABOUT = (
    "Two workers beside one, of the same work. Ingest: threads of this process, or tasks of a Ray "
    "cluster on this machine that is running already; beside them the bare decode loop of "
    "[ingest](#ingest). Training: `torchrun` with one thread a process, its start left out. "
    "Linear is an exponent of -1: twice the workers, half the time."
)


def measure(material: BenchmarkInputs) -> Section:
    """Ingest and training with one worker and with two."""
    section = Section("workers", "More workers", ABOUT)
    cores = os.cpu_count() or 1
    if cores < max(WORKERS):
        section.remarks.append(f"Not measured: this machine has {cores} core.")
        return section
    rounds = material.pick(3, 1)
    note("ingest: one thread and two")
    jpegs = ingest.jpegs_of(material.bag)
    turns = take_turns(
        {
            **{name: lambda n=n: ingest.ours(material.bag, n) for n, name in WORKERS.items()},  # type: ignore[misc]
            **{f"floor {n}": lambda n=n: ingest.floor(jpegs, n) for n in WORKERS},  # type: ignore[misc]
        },
        rounds,
    )
    add(section, "ingest, threads", turns, len(jpegs), "frames/s", "the bare decode loop")
    if importlib.util.find_spec("ray") is None:
        section.remarks.append(
            "Ray is not installed (`pip install 'slowfeat[cluster]'`): not measured."
        )
    else:
        note("ingest: Ray, one worker and two")
        add(
            section, "ingest, Ray", ray_turns(material, material.pick(2, 1)), len(jpegs), "frames/s"
        )
    note("training: one process and two")
    turns, updates = training_turns(material)
    add(section, "training, slowfeat, processes", turns, updates, "updates/s")
    return section


def add(section: Section, case: str, turns: Turns, count: float, unit: str, peer: str = "") -> None:
    """Two workers beside one as a figure, and as an exponent."""
    one, two = WORKERS.values()
    section.figures.append(rate(case, turns, two, one, count, unit))
    ours, floors = (
        [list(row) for row in zip(*(turns.seconds[name] for name in names), strict=True)]
        for names in ([one, two], [f"floor {n}" for n in WORKERS] if peer else ())
    )
    sizes = [float(n) for n in WORKERS]
    section.growth.append(
        Growth(case, "workers", "s", sizes, ours, peer, floors or None, linear=-1.0)
    )


def ray_turns(material: BenchmarkInputs, rounds: int) -> Turns:
    """Ingest by a cluster of one core and of two, each started, and warmed up by an ingest."""
    import ray

    seconds: dict[str, list[float]] = {name: [] for name in WORKERS.values()}
    for _ in range(rounds):
        for n, name in WORKERS.items():
            ray.init(
                num_cpus=n, include_dashboard=False, log_to_driver=False, logging_level="error"
            )
            try:
                work = partial(ingest_by_ray, material.bag, n)
                seconds[name] += take_turns({"ours": work}, 1).seconds["ours"]
            finally:
                ray.shutdown()
    return Turns(seconds)


def ingest_by_ray(bag: Path, workers: int) -> None:
    """All of slowfeat ingest on the cluster that is running."""
    with tempfile.TemporaryDirectory() as folder, quiet(), open_engine("ray", workers) as engine:
        ingest_bags([bag], Path(folder) / "data", IngestOptions(), engine, min_pairs=1)


def training_turns(material: BenchmarkInputs) -> tuple[Turns, int]:
    """Seconds of an interval of updates in one process and in two, and the updates in it."""
    seconds: dict[str, list[float]] = {name: [] for name in WORKERS.values()}
    updates = 0
    for _ in range(material.pick(2, 1)):
        for processes, name in WORKERS.items():
            found, updates = train_in(processes, material)
            seconds[name] += found
    return Turns(seconds), updates


def train_in(processes: int, material: BenchmarkInputs) -> tuple[list[float], int]:
    """Run a training under torchrun: seconds of its intervals, and the updates of one."""
    launch = ["-m", "torch.distributed.run", f"--nproc-per-node={processes}", "--standalone"]
    words = ["-m", "benchmarks.performance.distributed_training", str(material.dataset)]
    done = subprocess.run(
        [sys.executable, *launch, *words],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**one_thread(), "CUDA_VISIBLE_DEVICES": ""},
        timeout=LIMIT_S,
    )
    found = json.loads(done.stdout.splitlines()[-1])
    return found["seconds"], found["updates"]
