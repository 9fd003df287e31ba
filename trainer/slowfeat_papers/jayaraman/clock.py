"""J25: how long each task takes."""

from __future__ import annotations

import json

import numpy as np

from slowfeat_papers.jayaraman import drive_views as drives
from slowfeat_papers.jayaraman import grid
from slowfeat_papers.jayaraman.networks import (
    NETWORKS,
    learn,
    margins,
    scale_of_features,
    seconds_of,
)
from slowfeat_papers.jayaraman.published import K40_MINUTES
from slowfeat_papers.material.part import Bench, Finding, Result, Table

# Our folders of networks -> the paper's task.
TASKS = {
    "grid": "NORB-NORB",
    "drives": "KITTI-KITTI",
    "scenes": "KITTI-SUN",
    "alexnet_quick": "KITTI-227",
    "alexnet_full": "KITTI-227",
}


def run(bench: Bench) -> Result:
    """Add up what the logs of all trainings say; trains one of each
    kind where there is none yet.
    """
    for base in (grid.prepare(bench), drives.prepare(bench)):
        scale = scale_of_features(bench, base.setting, 0)
        learn(bench, base.setting, "equiv", 0, **margins("equiv", scale))
    rows, words = [], []
    for name, task in TASKS.items():
        runs = [f for f in sorted((bench.common / NETWORKS / name).glob("*")) if seconds_of(f) > 0]
        if not runs:
            continue
        seconds = np.array([seconds_of(folder) for folder in runs])
        steps = np.array([_steps(folder / "log.jsonl") for folder in runs])
        a_step = 1000 * seconds.sum() / steps.sum()
        rows.append(
            [
                task,
                name,
                str(len(runs)),
                f"{np.median(steps):.0f}",
                f"{np.median(seconds):.1f}",
                f"{a_step:.0f}",
                f"{seconds.sum() / 60:.1f}",
                str(K40_MINUTES[task]),
            ]
        )
        words.append(
            f"{task} {np.median(seconds):.0f} s a training ({a_step:.0f} ms a step; paper "
            f"{K40_MINUTES[task]} min for about 50000)"
        )
    parts = [
        [file.parent.name, f"{json.loads(file.read_text(encoding='utf-8'))['seconds']:.0f}"]
        for file in sorted(bench.folder.parent.glob("*/result.json"))
        if file.parent != bench.folder
    ]
    head = [
        "task",
        "networks of",
        "trainings",
        "steps",
        "s a training (median)",
        "ms a step",
        "minutes in all",
        "paper: minutes on a K40",
    ]
    tables = [Table("Trainings", head, rows)]
    if parts:
        tables.append(Table("Experiments, with all that they measure", ["experiment", "s"], parts))
    notes = [
        (
            "Trainings are timed by their logs. An experiment that was stopped and went on counts "
            "its last run alone."
        )
    ]
    return Result(
        [Finding("J25", f"Wall clock here: {'; '.join(words)}.", None)],
        tables,
        notes=notes,
        seeds=bench.seeds,
    )


def _steps(log: object) -> int:
    lines = log.read_text(encoding="utf-8").splitlines()  # type: ignore[attr-defined]
    return int(json.loads(lines[-1])["step"])
