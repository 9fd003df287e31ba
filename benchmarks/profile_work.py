"""One of the paths that benchmarks/profile_paths.py measures, in a process of its own: prints its
figures as JSON.

The tree that is measured is the one that PYTHONPATH names, which may be another checkout.
"""

from __future__ import annotations

import cProfile
import json
import pstats
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

STEPS = 20
TOP = 8
# What prepares a path, and the path itself; the second is measured. Returns how much it has done.
Path_ = Callable[[Path, Path], Callable[[], int]]


def training(bag: Path, material: Path) -> Callable[[], int]:
    """Steps of the default preset; what is done once, before the first, is left out."""
    del bag
    import torch

    from slowfeat_trainer.config.train_config import config_of_preset
    from slowfeat_trainer.data.pairs import split_recordings
    from slowfeat_trainer.ingest.dataset import open_dataset
    from slowfeat_trainer.methods import build_method
    from slowfeat_trainer.methods.training_set import TrainingSet
    from slowfeat_trainer.runs import seen_by
    from slowfeat_trainer.training.loop import train

    torch.set_num_threads(1)
    dataset = open_dataset(material / "dataset")
    recordings = dataset.recordings()
    config = config_of_preset("slowfeat", steps=STEPS, reading=dataset.options)
    split = split_recordings(recordings, config.split)
    data = TrainingSet.prepare(split.train, seen_by(recordings[0].camera, config), config)
    method = build_method(data, config)
    method.prepare = lambda *_: None  # type: ignore[method-assign]

    def work() -> int:
        with tempfile.TemporaryDirectory() as run:
            train(data, config, Path(run), method=method)
        return STEPS

    return work


def evaluate(bag: Path, material: Path) -> Callable[[], int]:
    """`slowfeat evaluate RUN --on DATASET`, without starting Python."""
    del bag
    import torch

    from slowfeat_trainer.evaluation.evaluate_bundles import EvaluationRequest, evaluate_bundles
    from slowfeat_trainer.ingest.dataset import open_dataset

    torch.set_num_threads(1)
    request = EvaluationRequest([material / "run"], material / "dataset")

    def work() -> int:
        evaluate_bundles(request)
        return open_dataset(request.on).frames

    return work


def ingest(bag: Path, material: Path) -> Callable[[], int]:
    """`slowfeat ingest BAG --out DATASET`, without starting Python."""
    del material
    from slowfeat_trainer.data.options import IngestOptions
    from slowfeat_trainer.ingest.engines import open_engine
    from slowfeat_trainer.ingest.ingest_bags import ingest as run_ingest

    def work() -> int:
        with tempfile.TemporaryDirectory() as folder, open_engine() as engine:
            return run_ingest([bag], Path(folder) / "dataset", IngestOptions(), engine).frames

    return work


PATHS: dict[str, Path_] = {"training": training, "evaluate": evaluate, "ingest": ingest}


def top_of(profile: cProfile.Profile) -> list[dict[str, Any]]:
    """The functions with the most time of their own; cProfile sees the main thread."""
    stats = pstats.Stats(profile)
    total = sum(row[2] for row in stats.stats.values())  # type: ignore[attr-defined]
    rows = sorted(stats.stats.items(), key=lambda item: -item[1][2])  # type: ignore[attr-defined]
    return [
        {"function": named(*where), "calls": row[1], "share": row[2] / total}
        for where, row in rows[:TOP]
    ]


def named(file: str, line: int, function: str) -> str:
    """A function as a reader knows it, without this machine's folders."""
    if file == "~":
        return function.strip("<>").removeprefix("built-in method ").removeprefix("method ")
    parts = Path(file).parts
    start = next((k for k, p in enumerate(parts) if p in ("slowfeat", "slowfeat_trainer")), -2)
    if "site-packages" in parts:
        start = parts.index("site-packages") + 1
    return f"{'/'.join(parts[start:])}:{line} {function}"


def main() -> int:
    """Measure, or profile, and print."""
    path, how, bag, material = sys.argv[1:5]
    work = PATHS[path](Path(bag), Path(material))
    profile = cProfile.Profile()
    if how == "profile":
        profile.enable()
    # Standard output is for the figures.
    stdout, sys.stdout = sys.stdout, sys.stderr
    cpu, wall = time.process_time(), time.perf_counter()
    count = work()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    sys.stdout = stdout
    profile.disable()
    figures = {"count": count, "cpu_s": cpu, "wall_s": wall}
    figures["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({**figures, "top": top_of(profile) if how == "profile" else []}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
