"""What the starter weights are worth: on bags that they never saw, before and after training there.

    .venv/bin/python benchmarks/starter.py BAG... --out docs/starter.md

For each bag: as shipped (only the camera is calibrated, seconds), trained from them, and trained from scratch,
each measured on the last 40 % of that bag and of all others. Runs are kept under --runs and not done again.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from pathlib import Path

import numpy as np
import torch

from slowfeat import __version__
from slowfeat.bundle import load_bundle
from slowfeat.encoder import Encoder
from slowfeat_trainer.bags import bag_sha256
from slowfeat_trainer.config import config_of_preset
from slowfeat_trainer.evaluation.baselines import mean_of_bag
from slowfeat_trainer.evaluation.compare import TestPairs, compare, embed_in_batches
from slowfeat_trainer.evaluation.evaluate import views_for
from slowfeat_trainer.evaluation.measure import Material
from slowfeat_trainer.ingest.options import IngestOptions
from slowfeat_trainer.pretraining.starter import FILE, load_starter
from slowfeat_trainer.runs import train_run
from slowfeat_trainer.terminal import say

VARIANTS: dict[str, dict[str, object]] = {
    "as shipped, camera calibrated": {"steps": 0},
    "trained from the starter": {},
    "trained from scratch": {"starter": "none"},
}
Row = dict[str, float]
COLUMNS = ("rho", "rho_composite", "r2", "motion_gain", "mrr")
HEADS = ("rho", "rho twice", "R^2", "gain", "MRR")


def trained(bag: Path, variant: str, seed: int, runs: Path) -> tuple[Path, float]:
    """The run of a variant, and the seconds from bag to bundle; trained unless it is there."""
    run = runs / f"{bag.name}-{list(VARIANTS).index(variant)}-{seed}"
    reading = IngestOptions(odom_offset_auto=True)
    config = config_of_preset("slowfeat", reading=reading, seed=seed, **VARIANTS[variant])
    begun = time.perf_counter()
    if train_run([bag], run, config) is not None:
        (run / "seconds.json").write_text(json.dumps(time.perf_counter() - begun))
    return run, json.loads((run / "seconds.json").read_text())


def measured(run: Path, on: Path) -> dict[str, Row]:
    """Figures of a run on a bag, and of what must be beaten there."""
    kept = run / f"on_{on.name}.json"
    if kept.exists():
        return dict(json.loads(kept.read_text()))
    bundle = load_bundle(run)
    split, fov = views_for(bundle, on, bag_sha256(on), None, {}).read()
    encoder = Encoder(bundle, provider="cpu")
    material = Material(split, fov)
    found = {"bundle": compare(encoder, split).rows["bundle's map"]}
    z, seen = (embed_in_batches(encoder, part.frames) for part in (split.test, split.train))
    found["mean of the bag"] = mean_of_bag(z, seen, TestPairs.of(split.test))
    found["image shift, no training"] = material.image_shift.figures(split, material.pairs)
    rows = {name: {c: getattr(f, c) for c in COLUMNS} for name, f in found.items()}
    kept.write_text(json.dumps(rows, indent=2))
    return rows


def line(name: str, rows: list[Row], note: str = "") -> str:
    """A row of the table."""
    cells = []
    for column in COLUMNS:
        values = [row[column] for row in rows]
        if any(v is None for v in values):
            cells.append("")
        elif len(values) > 1:
            cells.append(f"{np.mean(values):.3f} ±{np.std(values, ddof=1):.3f}")
        else:
            cells.append(f"{values[0]:.3f}")
    return f"| {name} | " + " | ".join(cells) + f" | {note} |"


def section(on: Path, bags: list[Path], seeds: int, runs: Path) -> str:
    """The table of one bag."""
    lines = [f"## On the last 40 % of {on.name}\n"]
    lines += [
        "| | " + " | ".join(HEADS) + " | bag to bundle |",
        "|---|" + "---|" * (len(HEADS) + 1),
    ]
    for bag in [on, *(b for b in bags if b != on)]:
        for variant in VARIANTS:
            # Nothing is drawn where nothing is trained.
            count = 1 if variant.startswith("as shipped") else seeds
            done = [trained(bag, variant, seed, runs) for seed in range(count)]
            rows = [measured(run, on) for run, _ in done]
            name = variant if bag == on else f"{variant}, on {bag.name}"
            times = [seconds for _, seconds in done]
            lines.append(
                line(name, [r["bundle"] for r in rows], f"{min(times):.0f} to {max(times):.0f} s")
            )
            if bag == on and variant.startswith("as shipped"):
                peers = [line(peer, [rows[0][peer]]) for peer in rows[0] if peer != "bundle"]
    return "\n".join([*lines, *peers, ""])


def main() -> int:
    """Train, measure, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("bags", nargs="+", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--runs", type=Path, default=Path("runs/starter"))
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", os.cpu_count() or 1)))
    args.runs.mkdir(parents=True, exist_ok=True)
    made = load_starter(FILE).made_of
    recipe, held = made["recipe"], made["kept_out_maps"]
    parts = [
        "# What the starter weights are worth\n",
        (
            f"Written by `benchmarks/starter.py {' '.join(b.name for b in args.bags)} --seeds {args.seeds}`, slowfeat "
            f"{__version__}, {os.cpu_count()} CPU cores ({platform.machine()}). The weights were made by `slowfeat pretrain` from "
            f"{len(recipe['maps'])} simulated maps ({recipe['steps']} updates); on 12 maps that were kept out they have rho "
            f"{held['rho']:.3f}, twice {held['rho_twice']:.3f}, MRR {held['mrr']:.3f}. They have seen none of these bags. ± is the "
            'standard deviation over seeds; rows without it are one run. A row "on" another bag was calibrated or trained '
            "there and has not seen this one: another robot, another camera, another place. Columns are explained in "
            "[training.md](training.md).\n"
        ),
    ]
    for bag in args.bags:
        say(f"== {bag}")
        parts.append(section(bag, args.bags, args.seeds, args.runs))
    text = "\n".join(parts)
    print(text)
    if args.out:
        args.out.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
