"""What holds in places and on robots that were never seen: docs/places.md, by leaving each place
out.

    .venv/bin/python benchmarks/places.py BAG BAG... --out docs/places.md \
        [--images FOLDER] [--peer FILE]

Every method learns from each bag (its first 60 %) and is measured on the last 40 % of every other
one, and on eight simulated maps that no weights have seen, through two lenses: without adaptation,
and after `slowfeat adapt` on what precedes. What is trained and measured stays under --runs and is
not done again, so it can be stopped and continued.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import places_codes
import torch
from places_tables import FIGURES, Rows, code_table, place_table
from side_by_side import side_by_side

from slowfeat import __version__
from slowfeat.bundle import load_bundle
from slowfeat_trainer.adaptation.adapt_bundle import adapt
from slowfeat_trainer.bags import bag_sha256
from slowfeat_trainer.config.train_config import config_of_preset
from slowfeat_trainer.console.terminal import say
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.evaluation.evaluate_bundles import views_for
from slowfeat_trainer.evaluation.measure_bundle import EvaluationData
from slowfeat_trainer.pretraining.simulated_drives import MAPS_KEPT_OUT
from slowfeat_trainer.runs import train_run
from slowfeat_trainer.simulation.drive import SimulationConfig, simulate

# Methods by name: their settings, and whether they are trained with every seed.
METHODS: dict[str, tuple[dict[str, Any], bool]] = {
    "slowfeat": ({"preset": "slowfeat"}, True),
    "slowfeat --only-my-bags": ({"preset": "slowfeat", "rehearsal": 0.0}, True),
    "slowfeat --steps 0": ({"preset": "slowfeat", "steps": 0}, False),
    "lie (pooled)": ({"preset": "lie"}, False),
    "equiv_drlim": ({"preset": "equiv_drlim"}, False),
    "drlim": ({"preset": "drlim"}, False),
}
# Of the simulated maps. They are many, so only what learned from the first bag is measured there,
# and of the default alone more than the first seed.
MAPS, SECONDS = MAPS_KEPT_OUT[:8], 45.0


def trained(bag: Path, method: str, seed: int, runs: Path) -> Path:
    """The run of a method on a bag; trained unless it is there."""
    run = runs / f"{bag.name}-{list(METHODS).index(method)}-{seed}"
    reading = IngestOptions(odom_offset_auto=True)
    train_run([bag], run, config_of_preset(reading=reading, seed=seed, **METHODS[method][0]))
    return run


def places_of(bags: list[Path], lenses: list[float], runs: Path) -> dict[str, list[Path]]:
    """The bags of each place by its name."""
    found = {bag.name: [bag] for bag in bags}
    for lens in lenses:
        drives = []
        for seed, name in enumerate(MAPS):
            drive = runs / "drives" / f"{name}-{lens:.0f}"
            drives.append(drive)
            if not drive.exists():
                drive.parent.mkdir(parents=True, exist_ok=True)
                config = SimulationConfig(
                    map_name=name, seed=1000 + seed, seconds=SECONDS, fov_deg=lens
                )
                simulate(drive, config, progress=False)
        found[f"{len(MAPS)} simulated maps, {lens:.0f} degrees"] = drives
    return found


def measured(run: Path, on: Path) -> Rows:
    """Figures of a run on the end of a bag that it has not seen, before and after `adapt`, and of
    what must be beaten.
    """
    kept = run / f"on_{on.name}.json"
    if kept.exists():
        return dict(json.loads(kept.read_text()))
    changes: dict[str, Any] = {"odom_offset_s": 0.0} if on.parent.name == "drives" else {}
    bundle = load_bundle(run)
    found = dict(adapt(bundle, on, run / f"for_{on.name}", changes, overwrite=True).rows)
    split, fov = views_for(bundle, on, bag_sha256(on), None, changes).read()
    material = EvaluationData(split, fov)
    found["image shift, no training"] = material.image_shift.figures(split, material.pairs)
    rows = {name: {c: getattr(f, c) for c in FIGURES} for name, f in found.items()}
    kept.write_text(json.dumps(rows, indent=2))
    return rows


def mean(of: list[Rows]) -> Rows:
    """Each figure's mean over bags."""
    return {
        name: {
            c: None
            if any(r[name][c] is None for r in of)
            else float(np.mean([r[name][c] for r in of]))
            for c in FIGURES
        }
        for name in of[0]
    }


def main() -> int:
    """Train, measure, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("bags", nargs="+", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument(
        "--lenses",
        type=float,
        nargs="*",
        default=[90.0, 60.0],
        metavar="DEGREES",
        help="simulated cameras",
    )
    parser.add_argument("--runs", type=Path, default=Path("runs/places"))
    parser.add_argument("--out", type=Path, default=Path("docs/places.md"))
    parser.add_argument("--notes", type=Path, default=Path(__file__).with_name("places_notes.md"))
    parser.add_argument("--images", type=Path, action="append", default=[], metavar="FOLDER")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="at once (default 1)")
    parser.add_argument("--peer", type=Path, metavar="ONNX", help="EfficientNet-Lite, output feat")
    args = parser.parse_args()
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", os.cpu_count() or 1)))
    args.runs.mkdir(parents=True, exist_ok=True)
    places = places_of(args.bags, args.lenses, args.runs)
    wanted = [
        (bag, method, seed)
        for method in METHODS
        for bag in args.bags
        for seed in range(args.seeds if METHODS[method][1] else 1)
    ]
    side_by_side(args.jobs, [partial(trained, *what, args.runs) for what in wanted])
    runs: dict[tuple[str, str], list[Path]] = {}
    for bag, method, seed in wanted:
        runs.setdefault((bag.name, method), []).append(trained(bag, method, seed, args.runs))
    own = {
        bag.name: {m: [load_bundle(run).info.metrics for run in runs[bag.name, m]] for m in METHODS}
        for bag in args.bags
    }
    shown = {
        place: {
            (method, source): found if len(drives) == 1 or method == "slowfeat" else found[:1]
            for (source, method), found in runs.items()
            if source != place and (len(drives) == 1 or source == args.bags[0].name)
        }
        for place, drives in places.items()
    }
    side_by_side(
        args.jobs,
        [
            partial(measured, run, bag)
            for place, rows in shown.items()
            for found in rows.values()
            for run in found
            for bag in places[place]
        ],
    )
    tables: dict[str, dict[tuple[str, str], list[Rows]]] = {}
    for place, rows in shown.items():
        say(f"== {place}")
        tables[place] = {
            row: [mean([measured(run, bag) for bag in places[place]]) for run in found]
            for row, found in rows.items()
        }
    codes = {
        bag.name: places_codes.measured(
            {
                f"{m}, from {s}": found
                for (s, m), found in runs.items()
                if s != bag.name and m != "slowfeat --steps 0"
            },
            bag,
            args.images,
            args.peer,
        )
        for bag in args.bags
    }
    names = " ".join(bag.name for bag in args.bags)
    parts = [
        "# Places and robots that were never seen\n",
        (
            f"Written by `benchmarks/places.py {names} --seeds {args.seeds}`, slowfeat "
            f"{__version__}, {os.cpu_count()} CPU cores ({platform.machine()}), no GPU. ± is the "
            "standard deviation over seeds; rows without it are one run. Columns are explained in "
            "[training.md](training.md), rows below the tables.\n"
        ),
        *(place_table(place, rows, own.get(place)) for place, rows in tables.items()),
        *(code_table(place, rows) for place, rows in codes.items()),
        args.notes.read_text(encoding="utf-8"),
    ]
    args.out.write_text("\n".join(parts), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
