"""Simulated drives to pretrain on: many places, and robots of different temper."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from slowfeat_trainer.console.terminal import progress_bar
from slowfeat_trainer.simulation.drive import SimulationConfig, simulate
from slowfeat_trainer.simulation.driver import DriveConfig
from slowfeat_trainer.simulation.world import list_maps

# Places that starter weights have never seen: the demo, the bag in bags/ and all figures of
# held-out maps are of these.
MAPS_KEPT_OUT = (
    *("MAP01", "MAP02", "MAP03", "MAP04", "MAP05", "MAP06", "MAP07", "MAP08"),
    *("E1M5", "E2M3", "E3M6", "E4M2"),
)
PICTURE = (160, 120)
# Least and greatest of what differs between the robots: m/s, rad/s, and the quality of their JPEGs.
SPEED, TURN_RATE, JPEG_QUALITY = (0.5, 1.8), (0.8, 2.5), (60, 95)


def maps_to_learn(most: int | None = None) -> list[str]:
    """Names of the maps to pretrain on; with `most`, that many of them, evenly chosen."""
    names = [name for name in sorted(list_maps()) if name not in MAPS_KEPT_OUT]
    if most is None or most >= len(names):
        return names
    return [names[round(i * (len(names) - 1) / max(most - 1, 1))] for i in range(most)]


def plan(maps: list[str], drives: int, seconds: float, seed: int) -> dict[str, SimulationConfig]:
    """The drives by the name of their bag: `drives` a map, each of a robot of its own."""
    found = {}
    for index, name in enumerate(maps):
        for drive in range(drives):
            rng = np.random.default_rng([seed, index, drive])
            found[f"{name}-{drive}"] = SimulationConfig(
                map_name=name,
                seed=int(rng.integers(1 << 30)),
                seconds=seconds,
                size=PICTURE,
                drive=DriveConfig(
                    speed=float(rng.uniform(*SPEED)), turn_rate=float(rng.uniform(*TURN_RATE))
                ),
                jpeg_quality=int(rng.integers(*JPEG_QUALITY)),
            )
    return found


def record(drives: dict[str, SimulationConfig], folder: Path) -> list[Path]:
    """The bags of some drives in a folder; those that are there already are not recorded again."""
    folder.mkdir(parents=True, exist_ok=True)
    bags = {name: folder / name for name in drives}
    missing = [name for name in drives if not bags[name].exists()]
    # The game keeps a process of its own busy, and is not made for threads.
    with (
        ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool,
        progress_bar(len(missing), "drives", "drive") as bar,
    ):
        jobs = [pool.submit(_record, bags[name], drives[name]) for name in missing]
        for job in jobs:
            job.result()
            bar.update()
    return list(bags.values())


def _record(bag: Path, config: SimulationConfig) -> None:
    simulate(bag, config, progress=False)
