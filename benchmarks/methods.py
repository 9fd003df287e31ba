"""All presets with one short budget, side by side, on what none of them was trained on.

    .venv/bin/python benchmarks/methods.py --bag donkey=path/to/bag --out docs/methods.md

Three settings. "maps": drives of a simulated robot, trained on some maps and measured on others,
another place each. For each --bag: trained on the first 60 %, measured on the last 40 %. "places":
which of four maps a frame is from, learned from labels on the first 60 % of each. What is trained
and measured is kept under --runs and not done again, so it can be stopped and continued.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from slowfeat import __version__
from slowfeat.bundle import load_bundle
from slowfeat.encoder import Encoder
from slowfeat_trainer.config.preset_table import PRESETS
from slowfeat_trainer.config.train_config import config_of_preset
from slowfeat_trainer.console.terminal import say
from slowfeat_trainer.data.options import IngestOptions, SplitRule
from slowfeat_trainer.data.pairs import Split, split_by_time, split_recordings
from slowfeat_trainer.data.scenes import segment_scenes
from slowfeat_trainer.evaluation.compare import compare, embed_in_batches
from slowfeat_trainer.evaluation.comparison_text import comparison_from
from slowfeat_trainer.evaluation.curvature import straightness
from slowfeat_trainer.evaluation.recognition import class_coherence, knn_accuracy
from slowfeat_trainer.evaluation.temporal_coherence import slowness_auroc, temporal_coherence
from slowfeat_trainer.ingest.dataset import open_dataset
from slowfeat_trainer.ingest.engines import open_engine
from slowfeat_trainer.ingest.ingest_bags import ingest
from slowfeat_trainer.runs import train_run
from slowfeat_trainer.simulation.drive import SimulationConfig, simulate

TRAIN_MAPS, TEST_MAPS = ("MAP01", "MAP03", "MAP05", "MAP07"), ("MAP02", "MAP06")
READING = IngestOptions(image_size=(32, 32), odom_offset_auto=True)
STEPS, BATCH = 300, 32
# Steps of these cost several times as much.
WIDE = ("goroshin", "group", "sparse", "drlim_")
# So they are trained with fewer seeds; the table says how many.
WIDE_SEEDS = 1
# A code of fewer directions than this in use has collapsed.
COLLAPSED = 2.0

Row = dict[str, float]


@dataclass(frozen=True)
class Column:
    """A figure of the table; more of it is better, or less."""

    key: str
    head: str
    more: bool = True


COHERENCE = Column("coherence", "AUC_time")
AUROC = Column("auroc", "AUROC")
STRAIGHT = Column("straightness", "straight")
GAIN = Column("gain", "gain")
LEARNED_GAIN = Column("learned_gain", "gain, own map")
PLACE = Column("place_knn", "place, 5-NN")
COLUMNS = (
    COHERENCE,
    AUROC,
    STRAIGHT,
    Column("rho", "rho", more=False),
    Column("rho_composite", "rho twice", more=False),
    Column("r2", "R^2"),
    GAIN,
    Column("mrr", "MRR"),
    Column("blind_mrr", "MRR, blind"),
    Column("learned_rho", "rho, own map", more=False),
    LEARNED_GAIN,
    Column("learned_mrr", "MRR, own map"),
    Column("composition", "composition"),
    Column("expected", "expected/real error"),
    Column("rank", "eff. rank"),
    Column("seconds", "s"),
)
WHOLE = ("rank", "seconds")
# What each method is for, as a figure that knows no scale.
STANDS_FOR = {
    **dict.fromkeys(
        ("drlim", "temporal", "drlim_1", "drlim_2", "sfa"),
        (COHERENCE, AUROC),
    ),
    **dict.fromkeys(
        ("goroshin_1", "goroshin_2", "group_1", "group_2", "sparse_1"), (COHERENCE, AUROC)
    ),
    **dict.fromkeys(("ssfa", "linearising"), (STRAIGHT,)),
    "lsm": (GAIN,),
    **dict.fromkeys(
        ("equiv", "equiv_drlim", "equiv_drlim_nondiscrete", "lie", "slowfeat"),
        (GAIN, LEARNED_GAIN),
    ),
    "clsnet": (PLACE,),
}


def drives(maps: tuple[str, ...], folder: Path) -> list[Path]:
    """A minute's drive in each map."""
    found = []
    for name in maps:
        bag = folder / name
        if not bag.exists():
            simulate(bag, SimulationConfig(map_name=name, seed=7, seconds=60, size=(96, 72)))
        found.append(bag)
    return found


def dataset(bags: list[Path], target: Path, test: float) -> Path:
    """The bags as a dataset."""
    with open_engine() as engine:
        ingest(bags, target, READING, engine, split=SplitRule(test=test), min_pairs=1)
    return target


def measure(run: Path, split: Split) -> Row:
    """The figures of a run."""
    bundle = load_bundle(run)
    engine = Encoder(bundle, provider="cpu")
    # Where the run kept the same frames out, its bundle has the figures already.
    known = bundle.info.metrics
    result = comparison_from(known) if known else compare(engine, split)
    z = embed_in_batches(engine, split.test.frames)
    block = split.test.block
    area, chance = temporal_coherence(z, segment_scenes(split.test.frames, block))
    refitted, own = result.rows["refitted maps"], result.rows["bundle's map"]
    return {
        "coherence": area,
        "coherence_chance": chance,
        "auroc": slowness_auroc(z, block),
        "straightness": straightness(z, block, stride=2),
        "rho": refitted.rho,
        "rho_composite": refitted.rho_composite or float("nan"),
        "r2": refitted.r2,
        "gain": refitted.motion_gain or 0.0,
        "mrr": refitted.mrr,
        "learned_rho": own.rho,
        "learned_gain": own.motion_gain or 0.0,
        "learned_mrr": own.mrr,
        "composition": result.composition_error or 0.0,
        "expected": result.expected_error_ratio,
        "copy_mrr": result.rows["copy"].mrr,
        "blind_rho": result.rows["blind map"].rho,
        "blind_mrr": result.rows["blind map"].mrr,
        "rank": result.effective_rank,
        "form": bundle.info.training["transform"]["form"],
    }


def measure_places(run: Path, split: Split) -> Row:
    """How well frames of the test part find frames of their own map
    among those of the training part.
    """
    engine = Encoder(load_bundle(run), provider="cpu")
    query, bank = (embed_in_batches(engine, p.frames) for p in (split.test, split.train))
    # One block a recording in each part.
    classes = split.test.block, split.train.block
    args = (query, _ranked(classes[0]), bank, _ranked(classes[1]))
    return {"place_knn": knn_accuracy(*args), "place_coherence": class_coherence(*args)}


def _ranked(block: np.ndarray) -> np.ndarray:
    return np.unique(block, return_inverse=True)[1].astype(np.int64)


def labels_of(bags: list[Path], file: Path) -> Path:
    """A label for each bag, its map."""
    lines = [f"{bag.name},0,1000,{bag.name}" for bag in bags]
    file.write_text("\n".join(["bag,from_s,to_s,label", *lines]) + "\n")
    return file


def trained(preset: str, source: Path, folder: Path, seed: int, **settings: object) -> Path:
    """The run of a preset, trained unless it is there already."""
    run = folder / f"{preset}-{seed}"
    # Every method from its own beginnings (the starter weights are for larger frames anyway).
    settings |= {"seed": seed, "batch_size": BATCH, "starter": "none"}
    if PRESETS[preset].settings.get("steps") != 0:
        settings["steps"] = STEPS // 3 if preset.startswith(WIDE) else STEPS
    begun = time.perf_counter()
    if train_run([source], run, config_of_preset(preset, **settings)) is not None:
        (run / "seconds.json").write_text(json.dumps(time.perf_counter() - begun))
    return run


def spread(values: list[float], digits: int = 3) -> str:
    """Mean, and standard deviation where there are several."""
    text = f"{np.mean(values):.{digits}f}"
    return text if len(values) < 2 else f"{text} ±{np.std(values, ddof=1):.{digits}f}"


def table(rows: dict[str, list[Row]]) -> str:
    """Markdown; a row a preset, what a baseline gets stands below."""
    lines = ["| preset | " + " | ".join(c.head for c in COLUMNS) + " | map | seeds |"]
    lines.append("|---|" + "---|" * (len(COLUMNS) + 2))
    for name, found in rows.items():
        cells = [spread([row[c.key] for row in found], 0 if c.key in WHOLE else 3) for c in COLUMNS]
        forms = " ".join(sorted({str(row["form"]) for row in found}))
        lines.append(f"| {name} | " + " | ".join(cells) + f" | {forms} | {len(found)} |")
    some = next(iter(rows.values()))[0]
    lines.append(
        f"\nChance: AUC_time {some['coherence_chance']:.3f}, AUROC .5, straight 0 (noise -.5), "
        f"gain 0. Copying gets an MRR of {some['copy_mrr']:.3f}."
    )
    return "\n".join(lines)


def verdicts(rows: dict[str, list[Row]]) -> str:
    """For each method whether it beats the untrained network at what it stands for."""
    lines = [
        "| preset | stands for | untrained | trained | | eff. rank |",
        "|---|---|---|---|---|---|",
    ]
    for name, found in rows.items():
        for column in STANDS_FOR.get(name, ()):
            if column.key not in found[0]:
                continue
            floor = [row[column.key] for row in rows["random"]]
            own = [row[column.key] for row in found]
            better = np.mean(own) - np.mean(floor)
            noise = np.sqrt(np.var(floor) + np.var(own))
            word = (
                "better" if better > noise else "worse" if better < -noise else "within the spread"
            )
            rank = float(np.mean([row.get("rank", np.nan) for row in found]))
            collapsed = " (collapsed)" if rank < COLLAPSED else ""
            lines.append(
                f"| {name} | {column.head} | {spread(floor)} | {spread(own)} | {word} | "
                f"{rank:.1f}{collapsed} |"
            )
    return "\n".join(lines)


@dataclass(frozen=True)
class Setting:
    """What is trained on and what is measured on."""

    name: str
    source: Path
    split: Split


def kept(file: Path, make: object) -> Row:
    """A row that was measured before, or now."""
    if not file.exists():
        file.write_text(json.dumps(make(), indent=2))  # type: ignore[operator]
    return dict(json.loads(file.read_text()))


def run_setting(setting: Setting, presets: list[str], seeds: int, runs: Path) -> str:
    """Train and measure, seed by seed; the section of the page."""
    rows: dict[str, list[Row]] = {preset: [] for preset in presets}
    for seed in range(seeds):
        for preset in presets:
            if seed >= WIDE_SEEDS and preset.startswith(WIDE):
                continue
            say(f"== {setting.name}: {preset}, seed {seed}")
            run = trained(preset, setting.source, runs / f"{setting.name}_runs", seed)
            row = kept(run / "row.json", lambda run=run: measure(run, setting.split))
            row["seconds"] = json.loads((run / "seconds.json").read_text())
            rows[preset].append(row)
            print(table({preset: [row]}).splitlines()[2], flush=True)
    return f"## {setting.name}\n\n{table(rows)}\n\n{verdicts(rows)}\n"


def run_places(source: Path, bags: list[Path], seeds: int, runs: Path) -> str:
    """The setting of the supervised network."""
    labels = labels_of(bags, runs / "places.csv")
    split = split_recordings(open_dataset(source).recordings(), SplitRule(test=0.4))
    rows: dict[str, list[Row]] = {"random": [], "clsnet": []}
    for seed in range(seeds):
        for preset, found in rows.items():
            given = {"labels": str(labels)} if preset == "clsnet" else {}
            run = trained(preset, source, runs / "places_runs", seed, **given)
            found.append(kept(run / "row.json", lambda run=run: measure_places(run, split)))
    chance = 1 / len(bags)
    return (
        f"## places\n\nWhich of {len(bags)} maps; chance {chance:.2f}. AUC_class: "
        + ", ".join(f"{n} {spread([r['place_coherence'] for r in f])}" for n, f in rows.items())
        + f".\n\n{verdicts(rows)}\n"
    )


def main() -> int:
    """Train, measure, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bag", action="append", default=[], metavar="NAME=PATH")
    parser.add_argument("--presets", nargs="+", default=[p for p in PRESETS if p != "clsnet"])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--runs", type=Path, default=Path("runs/methods"))
    parser.add_argument("--out", type=Path)
    parser.add_argument("--notes", type=Path, help="a file with sentences that go below the tables")
    args = parser.parse_args()
    threads = int(os.environ.get("OMP_NUM_THREADS", os.cpu_count() or 1))
    torch.set_num_threads(threads)
    args.runs.mkdir(parents=True, exist_ok=True)
    bags = drives(TRAIN_MAPS, args.runs / "bags")
    # Of the maps nothing is held out: other maps are.
    whole = dataset(bags, args.runs / "maps", test=0.0)
    others = dataset(drives(TEST_MAPS, args.runs / "bags"), args.runs / "other_maps", test=0.4)
    held_out = split_recordings(open_dataset(others).recordings(), SplitRule(test=0.4))
    settings = [Setting("maps", whole, held_out)]
    for text in args.bag:
        name, _, path = text.partition("=")
        made = dataset([Path(path)], args.runs / name, test=0.4)
        split = split_by_time(open_dataset(made).recordings(), 0.4, 0.2)
        settings.append(Setting(name, made, split))
    for setting in settings:
        (args.runs / f"{setting.name}_runs").mkdir(exist_ok=True)
    (args.runs / "places_runs").mkdir(exist_ok=True)
    parts = [run_setting(setting, args.presets, args.seeds, args.runs) for setting in settings]
    by_time = dataset(bags, args.runs / "places", test=0.4)
    parts.append(run_places(by_time, bags, args.seeds, args.runs))
    text = (
        "# Every preset side by side\n\n"
        f"Written by `make methods` (`benchmarks/methods.py`), slowfeat {__version__}, {threads} "
        f"CPU core(s) ({platform.machine()}), seeds 0 to {args.seeds - 1}, mean ± standard "
        f"deviation. {STEPS} steps of {BATCH} pairs ({STEPS // 3} for the wide networks of G) on "
        f"frames of {READING.image_size[1]}x{READING.image_size[0]}: a short budget, alike for "
        f"all. maps: trained on {', '.join(TRAIN_MAPS)}, measured on {', '.join(TEST_MAPS)}. "
        "Columns are explained in [training.md](training.md); AUC_time and AUROC (G, J fig. 12) "
        "measure slowness, straight the mean cosine of successive steps; refitted maps unless it "
        "says own map, which is the bundle's; s is wall-clock from dataset to bundle.\n\n"
        + "\n".join(parts)
    )
    if args.notes:
        text += "\n" + args.notes.read_text(encoding="utf-8")
    print(text)
    if args.out:
        args.out.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
