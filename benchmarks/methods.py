"""All presets with one short budget, side by side, on what none of them was trained on.

    .venv/bin/python benchmarks/methods.py --bag donkey=path/to/bag --out docs/methods.md

Two settings. "maps": drives of a simulated robot, trained on some maps and measured on others, another
place each. For each --bag: trained on the first 60 %, measured on the last 40 %. What is trained and
measured is kept under --runs and not done again, so it can be stopped and continued.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from pathlib import Path

import torch

from slowfeat import __version__
from slowfeat.bundle import load_bundle
from slowfeat.encoder import Encoder
from slowfeat_trainer.config import config_of_preset
from slowfeat_trainer.evaluation.coherence import slowness_auroc, temporal_coherence
from slowfeat_trainer.evaluation.compare import compare, embed_in_batches
from slowfeat_trainer.ingest.engines import open_engine
from slowfeat_trainer.ingest.ingest import ingest
from slowfeat_trainer.ingest.options import IngestOptions, SplitRule
from slowfeat_trainer.pairs import Split, split_by_time, split_recordings
from slowfeat_trainer.presets import PRESETS
from slowfeat_trainer.recording import Recording
from slowfeat_trainer.runs import train_run
from slowfeat_trainer.scenes import segment_scenes
from slowfeat_trainer.simulation.drive import SimulationConfig, simulate
from slowfeat_trainer.terminal import say

TRAIN_MAPS, TEST_MAPS = ("MAP01", "MAP03", "MAP05", "MAP07"), ("MAP02", "MAP06")
READING = IngestOptions(image_size=(32, 32), odom_offset_auto=True)
STEPS, BATCH = 300, 32
# Steps of these cost several times as much.
WIDE = ("goroshin", "group", "sparse", "drlim_")
COLUMNS = (
    ("coherence", "AUC_time"),
    ("auroc", "AUROC"),
    ("rho", "rho"),
    ("rho_composite", "rho twice"),
    ("r2", "R^2"),
    ("gain", "gain"),
    ("mrr", "MRR"),
    ("learned_rho", "rho, own map"),
    ("learned_gain", "gain, own map"),
    ("learned_mrr", "MRR, own map"),
    ("rank", "eff. rank"),
    ("seconds", "s"),
)


def drives(maps: tuple[str, ...], folder: Path) -> list[Path]:
    """A minute's drive in each map."""
    found = []
    for name in maps:
        bag = folder / name
        if not bag.exists():
            simulate(bag, SimulationConfig(map_name=name, seed=7, seconds=60, size=(96, 72)))
        found.append(bag)
    return found


def dataset(bags: list[Path], target: Path) -> Path:
    """The bags as a dataset."""
    with open_engine() as engine:
        ingest(bags, target, READING, engine, split=SplitRule(test=0.4), min_pairs=1)
    return target


def measure(run: Path, split: Split) -> dict[str, float]:
    """The row of a run."""
    bundle = load_bundle(run)
    engine = Encoder(bundle, provider="cpu")
    result = compare(engine, split)
    z = embed_in_batches(engine, split.test.frames)
    scene = segment_scenes(split.test.frames, split.test.block)
    area, chance = temporal_coherence(z, scene)
    refitted, own = result.rows["refitted maps"], result.rows["bundle's map"]
    return {
        "coherence": area,
        "coherence_chance": chance,
        "auroc": slowness_auroc(z, split.test.block),
        "rho": refitted.rho,
        "rho_composite": refitted.rho_composite or float("nan"),
        "r2": refitted.r2,
        "gain": refitted.motion_gain or 0.0,
        "mrr": refitted.mrr,
        "learned_rho": own.rho,
        "learned_gain": own.motion_gain or 0.0,
        "learned_mrr": own.mrr,
        "copy_mrr": result.rows["copy"].mrr,
        "blind_rho": result.rows["blind map"].rho,
        "blind_mrr": result.rows["blind map"].mrr,
        "rank": result.effective_rank,
        "form": bundle.info.training["transform"]["form"],
    }


def row(preset: str, source: Path, split: Split, folder: Path, seed: int) -> dict[str, float]:
    """Train and measure a preset, or look it up."""
    run = folder / f"{preset}-{seed}"
    kept = run / "row.json"
    if kept.exists():
        return dict(json.loads(kept.read_text()))
    settings: dict[str, object] = {"seed": seed, "batch_size": BATCH}
    if PRESETS[preset].settings.get("steps") != 0:
        settings["steps"] = STEPS // 3 if preset.startswith(WIDE) else STEPS
    begun = time.perf_counter()
    train_run([source], run, config_of_preset(preset, **settings))
    seconds = time.perf_counter() - begun
    found = {**measure(run, split), "seconds": seconds}
    kept.write_text(json.dumps(found, indent=2))
    return found


def table(rows: dict[str, dict[str, float]]) -> str:
    """Markdown; what a baseline gets stands below."""
    lines = ["| preset | " + " | ".join(head for _, head in COLUMNS) + " | map |"]
    lines.append("|---|" + "---|" * (len(COLUMNS) + 1))
    for name, found in rows.items():
        cells = [
            f"{found[key]:.0f}" if key in ("rank", "seconds") else f"{found[key]:.3f}"
            for key, _ in COLUMNS
        ]
        lines.append(f"| {name} | " + " | ".join(cells) + f" | {found['form']} |")
    some = next(iter(rows.values()))
    lines.append(f"\nChance of AUC_time is {some['coherence_chance']:.3f}, of AUROC .5.")
    return "\n".join(lines)


def main() -> int:
    """Train, measure, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bag", action="append", default=[], metavar="NAME=PATH")
    parser.add_argument("--presets", nargs="+", default=[p for p in PRESETS if p != "clsnet"])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--runs", type=Path, default=Path("runs/methods"))
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", os.cpu_count() or 1)))
    args.runs.mkdir(parents=True, exist_ok=True)
    settings: dict[str, tuple[Path, Split]] = {}
    train_part = dataset(drives(TRAIN_MAPS, args.runs / "bags"), args.runs / "maps")
    from slowfeat_trainer.ingest.dataset import open_dataset

    test_part = dataset(drives(TEST_MAPS, args.runs / "bags"), args.runs / "other_maps")
    held_out: list[Recording] = open_dataset(test_part).recordings()
    settings["maps"] = (train_part, split_recordings(held_out, SplitRule(test=0.4)))
    for text in args.bag:
        name, _, path = text.partition("=")
        made = dataset([Path(path)], args.runs / name)
        settings[name] = (made, split_by_time(open_dataset(made).recordings(), 0.4, 0.2))
    parts = []
    for name, (source, split) in settings.items():
        rows = {}
        for preset in args.presets:
            say(f"== {name}: {preset}")
            folder = args.runs / f"{name}_runs"
            folder.mkdir(exist_ok=True)
            rows[preset] = row(preset, source, split, folder, args.seed)
            print(table({preset: rows[preset]}).splitlines()[2], flush=True)
        parts.append(f"## {name}\n\n{table(rows)}\n")
    text = (
        "# Every preset side by side\n\n"
        f"Written by `benchmarks/methods.py`, slowfeat {__version__}, {os.cpu_count()} CPU cores "
        f"({platform.machine()}), seed {args.seed}. {STEPS} steps of {BATCH} pairs ({STEPS // 3} for the wide "
        f"networks of G) on frames of {READING.image_size[1]}x{READING.image_size[0]}: a short budget, alike for "
        f"all. maps: trained on {', '.join(TRAIN_MAPS)}, measured on {', '.join(TEST_MAPS)}. Columns are "
        "explained in [training.md](training.md); AUC_time and AUROC (G, J fig. 12) tell slowness; refitted maps "
        "unless it says own map.\n\n" + "\n".join(parts)
    )
    print(text)
    if args.out:
        args.out.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
