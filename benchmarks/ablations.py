"""What each ingredient of the default method is worth: docs/ablations.md, by leaving one out at a
time.

    .venv/bin/python benchmarks/ablations.py [--chosen-on BAG] [--elsewhere BAG]

Each variant learns, from random weights, from a simulated drive of a map and through a lens that no
choice was made on; its last 40 % are the room, and a drive of another map through another lens,
after `slowfeat adapt`, is the other place. With --chosen-on the same for a bag that choices were
made on, beside it. What starts from the starter weights stands in a table of its own. What is
trained and measured stays under --runs and is not done again.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import platform
import sys
from functools import partial
from pathlib import Path
from typing import Any

import torch
from places_tables import FIGURES, HEADS, Rows, cell
from side_by_side import side_by_side

from slowfeat import __version__
from slowfeat.bundle import load_bundle
from slowfeat_trainer.adaptation.adapt_bundle import adapt
from slowfeat_trainer.config.train_config import config_of_preset
from slowfeat_trainer.console.terminal import say
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.runs import train_run
from slowfeat_trainer.simulation.drive import SimulationConfig, simulate

SCRATCH: dict[str, Any] = {"starter": "none"}
# Settings by what is left out, all from random weights.
ABLATABLE: dict[str, dict[str, Any]] = {
    "nothing": {},
    "the map: a pooled code that motions rotate": {"preset": "lie"},
    "the window at the sides of the map": {"map_window": 0.0},
    "the calibration before anything is learned": {"ablate": ["calibration"]},
    "the lens: a pinhole": {"ablate": ["lens"]},
    "distances read from the map": {"ablate": ["distances"]},
    "the correction": {"ablate": ["correction"]},
    "the ratio: squared error instead": {"ablate": ["ratio"]},
    "the ratio of each channel: that of their sum": {"ablate": ["channels"]},
    "the equal spread of channels at the end": {"ablate": ["balance"]},
    "the guard against collapse": {
        "variance_weight": 0.0,
        "covariance_weight": 0.0,
        "row_variance_weight": 0.0,
    },
    "the variance within rows": {"row_variance_weight": 0.0},
    "the mirror": {"mirror": False},
    "other light": {"jitter": 0.0},
    "the slow code": {"slow_dimension": 0},
    "nothing, but coarse levels beside the fine one": {"coarse_weight": 0.5},
    "nothing, but turns are off by 3 degrees": {"turn_noise_deg": 3.0},
}
# The same of where it starts and what it goes on seeing.
STARTS: dict[str, dict[str, Any]] = {
    "nothing": {"starter": "shipped"},
    "rehearsal (--only-my-bags)": {"starter": "shipped", "rehearsal": 0.0},
    "the starter (--from-scratch)": {},
    "training (--steps 0)": {"starter": "shipped", "steps": 0},
}
# Of pretraining in the small: many places, and shaken cameras.
PRETRAINING: dict[str, dict[str, Any]] = {
    "nothing": {"random_camera_rotation": True},
    "shaking": {"random_camera_rotation": False},
}
FRESH = SimulationConfig(map_name="E2M3", seed=2100, seconds=120.0, fov_deg=75.0)
OTHER = SimulationConfig(map_name="E4M2", seed=2101, seconds=60.0, fov_deg=60.0)
# For the pretraining in the small, of maps that are open to it.
MANY = [
    SimulationConfig(map_name=name, seed=2200 + i, seconds=45.0)
    for i, name in enumerate(["E1M1", "E1M7", "E2M1", "E3M2", "E3M8", "E4M5", "MAP12", "MAP20"])
]


@dataclasses.dataclass(frozen=True)
class Setting:
    """What is learned from and where it is measured besides."""

    name: str
    bags: list[Path]
    elsewhere: list[Path]
    seeds: int
    reading: IngestOptions


def drive(config: SimulationConfig, runs: Path) -> Path:
    """A simulated bag; recorded unless it is there."""
    bag = runs / "drives" / f"{config.map_name}-{config.fov_deg:.0f}"
    if not bag.exists():
        bag.parent.mkdir(parents=True, exist_ok=True)
        simulate(bag, config, progress=False)
    return bag


def figures(setting: Setting, settings: dict[str, Any], seed: int, steps: int, run: Path) -> Rows:
    """Of one variant and seed: `room`, and each other place by its name, adapted."""
    kept = run / "figures.json"
    if kept.exists():
        return dict(json.loads(kept.read_text()))
    config = config_of_preset(
        **{"preset": "slowfeat", **SCRATCH, "steps": steps, **settings},
        reading=setting.reading,
        seed=seed,
    )
    train_run(setting.bags, run, config)
    bundle = load_bundle(run)
    found: Rows = {"room": {c: bundle.info.metrics["rows"]["bundle's map"][c] for c in FIGURES}}
    for bag in setting.elsewhere:
        reading: dict[str, Any] = {"odom_offset_s": 0.0} if bag.parent.name == "drives" else {}
        adapted = adapt(bundle, bag, run / f"for_{bag.name}", reading, overwrite=True)
        row = adapted.rows["adapted"]
        found[bag.name] = {c: row[c] for c in FIGURES}
    kept.write_text(json.dumps(found, indent=2))
    return found


def table(
    setting: Setting,
    variants: dict[str, dict[str, Any]],
    tag: str,
    steps: int,
    runs: Path,
    jobs: int,
) -> str:
    """Rows of variants, columns of figures: the room first, then the other places."""
    folder = {
        (index, seed): runs / f"{setting.name.replace(' ', '_')}-{tag}-{index}-{seed}"
        for index in range(len(variants))
        for seed in range(setting.seeds)
    }
    work = [
        partial(figures, setting, settings, seed, steps, folder[index, seed])
        for index, settings in enumerate(variants.values())
        for seed in range(setting.seeds)
    ]
    side_by_side(jobs, work)
    places = ["room", *(bag.name for bag in setting.elsewhere)]
    if tag == "pretraining":
        places = places[1:]
    heads = [f"{'in the room' if p == 'room' else p}: {h}" for p in places for h in HEADS]
    lines = ["| left out | " + " | ".join(heads) + " |", "|---" * (len(heads) + 1) + "|"]
    for index, (name, settings) in enumerate(variants.items()):
        results = []
        for seed in range(setting.seeds):
            say(f"== {setting.name}: without {name}, seed {seed}")
            results.append(figures(setting, settings, seed, steps, folder[index, seed]))
        cells = [cell([r[p][f] for r in results]) for p in places for f in FIGURES]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def main() -> int:
    """Train, measure, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--chosen-on", type=Path, metavar="BAG", help="that choices were made on")
    parser.add_argument("--elsewhere", type=Path, metavar="BAG", help="a real bag of another robot")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--runs", type=Path, default=Path("runs/ablations"))
    parser.add_argument("--out", type=Path, default=Path("docs/ablations.md"))
    parser.add_argument(
        "--notes", type=Path, default=Path(__file__).with_name("ablations_notes.md")
    )
    parser.add_argument("--only", choices=["ingredients", "starts", "pretraining", "chosen"])
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="at once (default 1)")
    args = parser.parse_args()
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", os.cpu_count() or 1)))
    simulated = IngestOptions(odom_offset_s=0.0)
    other = drive(OTHER, args.runs)
    fresh = Setting("fresh", [drive(FRESH, args.runs)], [other], args.seeds, simulated)
    real = [args.elsewhere] if args.elsewhere else []
    places = [drive(FRESH, args.runs), other, *real]
    many = Setting("eight maps", [drive(c, args.runs) for c in MANY], places, args.seeds, simulated)
    jobs = {
        "ingredients": ("Each ingredient, from random weights", fresh, ABLATABLE),
        "starts": ("Starter and rehearsal", fresh, STARTS),
        "pretraining": ("Pretraining in the small", many, PRETRAINING),
    }
    if args.chosen_on:
        bag = Setting("chosen", [args.chosen_on], [], 1, IngestOptions(odom_offset_auto=True))
        jobs["chosen"] = (f"Each ingredient on {args.chosen_on.name}", bag, ABLATABLE)
    parts = [
        "# What each ingredient of the default is worth\n",
        (
            f"Written by `benchmarks/ablations.py`, slowfeat {__version__}, {os.cpu_count()} CPU "
            f"cores ({platform.machine()}), no GPU: {args.steps} updates each, {args.seeds} "
            "seeds, ± their standard deviation; rows without it are one run.\n"
        ),
        args.notes.read_text(encoding="utf-8"),
    ]
    for tag, (title, setting, variants) in jobs.items():
        if args.only in (None, tag):
            parts += [
                f"## {title}\n",
                table(setting, variants, tag, args.steps, args.runs, args.jobs),
            ]
    if args.only is None:
        args.out.write_text("\n".join(parts), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
