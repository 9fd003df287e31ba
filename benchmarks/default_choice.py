"""Which network the default should see with: docs/default_choice.md, by leaving robots out.

    .venv/bin/python benchmarks/default_choice.py BAG... \
        [--backbones small efficientnet-lite0] [--seeds 3]

For each backbone and seed one training on the first 60 % of a bag, judged on its end ("in the
room") and, without adaptation, on the whole of every other bag ("another robot"); and with
--leave-out one training on all other bags for each bag. Beside it stand an image shift without
training, raw pixels, and the untrained network. Runs and figures stay under --runs and are not made
again.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import platform
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from slowfeat import __version__
from slowfeat.bundle import Bundle, load_bundle
from slowfeat.encoder import Encoder
from slowfeat_trainer.config.backbone_spec import SMALL, USUAL_SIZE
from slowfeat_trainer.config.train_config import config_of_preset
from slowfeat_trainer.console.terminal import say
from slowfeat_trainer.data.motion_patterns import discover_patterns
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.data.pairs import GAP_S, Part, Split, split_by_time
from slowfeat_trainer.data.recording import Recording
from slowfeat_trainer.evaluation.baselines import ImageShift
from slowfeat_trainer.evaluation.compare import (
    HeldOutPairs,
    Remembered,
    embed_in_batches,
    judge_predictions,
    pixels,
    refitted,
    untrained,
    wrong_motions,
)
from slowfeat_trainer.ingest.ingest_bag import read_recording
from slowfeat_trainer.metrics.equivariance import Matrix
from slowfeat_trainer.runs import train_run

# A turn is reported wrong by this much, either way.
WRONG_DEG = 5.0
TEST = 0.4
Row = dict[str, float]
COLUMNS = {
    "mrr": "MRR",
    "gain": "gain",
    "mrr_wrong": "MRR, turn off by 5°",
    "rho": "rho",
    "rho_wrong": "rho, turn off by 5°",
    "top_share": "top channel x C",
    "refitted_mrr": "MRR refitted",
}


def turned_wrong(motions: Matrix) -> Matrix:
    """Motions (P, 6) whose turn about the vertical is off by WRONG_DEG, to either side."""
    sign = np.random.default_rng(0).choice([-1.0, 1.0], len(motions))
    return motions + np.outer(np.radians(WRONG_DEG) * sign, np.eye(6)[5])


def top_share(z: Matrix, bundle: Bundle) -> float:
    """The largest of the channels' variances over images, in units of an equal
    share; NaN without a map's shape.
    """
    part = bundle.info.slices.get("map")
    if part is None or part.shape is None:
        return float("nan")
    maps = z[:, part.start : part.stop].reshape(len(z), part.shape[0], -1)
    variance = maps.var(axis=0).sum(axis=1)
    return float(variance.max() / variance.sum() * part.shape[0])


def row_of(encoder: Encoder, z: Matrix, pairs: HeldOutPairs, refit: float) -> Row:
    """Figures of a bundle's own map on the embeddings z (N, D) of a part."""
    start, motions = z[pairs.single.before], pairs.single.motions
    predicted = encoder.predict(start, motions)[0]
    wrong = encoder.predict(start, wrong_motions(pairs))[0]
    right = judge_predictions(z, pairs, predicted, None, wrong)
    off = judge_predictions(z, pairs, encoder.predict(start, turned_wrong(motions))[0], None, None)
    return {
        "mrr": right.mrr,
        "gain": float(right.motion_gain or 0.0),
        "mrr_wrong": off.mrr,
        "rho": right.rho,
        "rho_wrong": off.rho,
        "top_share": top_share(z, encoder.bundle),
        "refitted_mrr": refit,
    }


def judged(bundle: Bundle, recording: Recording, part: Part, split: Split) -> dict[str, Row]:
    """Rows of a bundle and of what stands beside it, on one part of a recording."""
    encoder = Encoder(bundle, provider="cpu")
    pairs = HeldOutPairs.of(part)
    embed = Remembered(partial(embed_in_batches, encoder))
    patterns = discover_patterns(split.train.pairs_at_gap(GAP_S).motions)
    end = HeldOutPairs.of(split.test)
    refit = {
        name: refitted(code, split, patterns, end)["refitted"].mrr
        for name, code in {
            "map": embed,
            "raw pixels": pixels,
            "untrained network": untrained(split, bundle.info, 0),
        }.items()
    }
    rows = {"slowfeat": row_of(encoder, embed(part.frames), pairs, refit.pop("map"))}
    fov = recording.camera.horizontal_fov
    shift = ImageShift.of_camera(fov) if fov else ImageShift.fitted_to(split.train)
    found = shift.figures(dataclasses.replace(split, test=part), pairs)
    rows["image shift, no training"] = {
        "mrr": found.mrr,
        "gain": float(found.motion_gain or 0.0),
        "rho": found.rho,
    }
    return rows | {name: {"refitted_mrr": value} for name, value in refit.items()}


def cost(bundle: Bundle) -> Row:
    """Milliseconds an image on two threads, and megabytes, of encoder.onnx."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    session = onnxruntime.InferenceSession(bundle.encoder, options)
    image = np.random.default_rng(0).integers(
        0, 256, (1, *bundle.info.image_size, 3), dtype=np.uint8
    )
    times = []
    for _ in range(60):
        begun = time.perf_counter()
        session.run(None, {"image": image})
        times.append(time.perf_counter() - begun)
    # Others may use the machine: what it takes is the least.
    return {"ms": 1e3 * min(times), "mb": len(bundle.encoder) / 1e6}


def reading_of(backbone: str) -> IngestOptions:
    """How bags are read for a backbone."""
    size = IngestOptions().image_size if backbone == SMALL else USUAL_SIZE
    return IngestOptions(image_size=size, odom_offset_auto=True)


def one(
    bags: list[Path], learned: list[Path], backbone: str, seed: int, args: argparse.Namespace
) -> dict[str, Any]:
    """Train on some bags unless it was done, and judge on all of them."""
    name = "+".join(b.name for b in learned)
    run = args.runs / f"{name}-{backbone.replace(':', '_').replace('/', '_')}-{seed}"
    file = run.with_suffix(".json")
    if file.exists():
        found: dict[str, Any] = json.loads(file.read_text())
        return found
    reading = reading_of(backbone)
    changes = {} if args.steps is None else {"steps": args.steps}
    config = config_of_preset("slowfeat", reading=reading, backbone=backbone, seed=seed, **changes)
    begun = time.perf_counter()
    train_run(learned, run, config)
    bundle = load_bundle(run)
    result: dict[str, Any] = {"seconds": time.perf_counter() - begun, "cost": cost(bundle)}
    for bag in bags:
        recording = read_recording(bag, reading)
        split = split_by_time([recording], TEST)
        whole = split_by_time([recording], 0.99, 0.0).test
        part = split.test if bag in learned else whole
        result[bag.name] = judged(bundle, recording, part, split)
        say(f"  {run.name} on {bag.name}: MRR {result[bag.name]['slowfeat']['mrr']:.3f}")
    file.write_text(json.dumps(result, indent=1))
    return result


def table(results: list[dict[str, Any]], bag: str) -> list[str]:
    """Rows of one bag, means over seeds."""
    lines = [f"| | {' | '.join(COLUMNS.values())} |", "|---|" + "---|" * len(COLUMNS)]
    for name in results[0][bag]:
        cells = []
        for column in COLUMNS:
            values = [r[bag][name][column] for r in results if column in r[bag][name]]
            spread = f" ±{np.std(values, ddof=1):.3f}" if len(values) > 1 else ""
            cells.append(f"{np.mean(values):.3f}{spread}" if values else "-")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return [*lines, ""]


def main() -> int:
    """Train, judge, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("bags", nargs="+", type=Path)
    parser.add_argument(
        "--learn", nargs="*", type=Path, help="bags to train on (default: the first)"
    )
    parser.add_argument("--leave-out", action="store_true", help="train on all other bags of each")
    parser.add_argument("--backbones", nargs="+", default=["small", "efficientnet-lite0"])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--steps", type=int, help="updates (default: the preset's)")
    parser.add_argument("--runs", type=Path, default=Path("runs/default_choice"))
    parser.add_argument("--out", type=Path, default=Path("docs/default_choice.md"))
    args = parser.parse_args()
    args.runs.mkdir(parents=True, exist_ok=True)
    lines = [
        "# Which network the default sees with\n",
        (
            f"Written by `benchmarks/default_choice.py` with {args.seeds} seeds, slowfeat "
            f"{__version__}, on {os.cpu_count()} CPU cores ({platform.machine()}), no GPU; "
            f"updates: {args.steps or 'the preset' + chr(39) + 's'}. Pairs are 0.5 s apart, 100 "
            "candidates. Nothing is adapted on a robot that was left out.\n"
        ),
    ]
    groups = [[b for b in args.bags if b != bag] for bag in args.bags] if args.leave_out else []
    groups += [[bag] for bag in args.learn or ([] if args.leave_out else args.bags[:1])]
    for learned in groups:
        for backbone in args.backbones:
            results = [one(args.bags, learned, backbone, s, args) for s in range(args.seeds)]
            costs = results[0]["cost"]
            lines.append(
                f"## {backbone}, trained on "
                f"{', '.join(b.name for b in learned)}\n\n{costs['ms']:.1f} ms an image on two "
                f"threads, {costs['mb']:.1f} MB; trained in "
                f"{np.mean([r['seconds'] for r in results]):.0f} s.\n"
            )
            for bag in args.bags:
                place = "in the room" if bag in learned else "another robot"
                lines += [f"### {bag.name}, {place}\n", *table(results, bag.name)]
    args.out.write_text("\n".join(lines), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
