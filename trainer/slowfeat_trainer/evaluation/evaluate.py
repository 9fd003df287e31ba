"""`slowfeat evaluate`: bundles on a bag, read as each bundle's training would have read it."""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np

from slowfeat.bundle import load_bundle
from slowfeat.bundle_info import BundleInfo
from slowfeat.encoder import Encoder
from slowfeat.errors import UsageError
from slowfeat_trainer.bags import bag_sha256
from slowfeat_trainer.commands.train import offset_settings
from slowfeat_trainer.evaluation.compare import Comparison, compare, table
from slowfeat_trainer.evaluation.report_text import EXPLANATION
from slowfeat_trainer.pairs import split_by_time
from slowfeat_trainer.recording import ReadOptions
from slowfeat_trainer.runs import read_bags, say


def evaluate_bundles(args: argparse.Namespace) -> str:
    """The table of one or several bundles, as text.

    Raises:
        UsageError: a path is wrong, or a flag contradicts what a bundle was trained on.
    """
    bundles = [load_bundle(path) for path in args.bundles]
    if not args.on.exists():
        raise UsageError(f"{args.on} does not exist; give a bag's folder or file")
    digest = bag_sha256(args.on)
    results = []
    for number, bundle in enumerate(bundles):
        trained = trained_settings(bundle.info, digest)
        test = test_fraction(args.test_fraction, trained, bundle.path)
        options = read_options(args, bundle.info, trained)
        recordings = read_bags([args.on], options)
        calibration = float(trained.get("calibration_fraction", 0.2))
        split = split_by_time(recordings, test, calibration)
        where = "the end kept out of its training" if trained else "a bag that it has not seen"
        say(f"{bundle.path}: measured on the last {100 * test:.0f} % of {args.on}, {where}")
        results.append(compare(Encoder(bundle, provider="cpu"), split, seed=number))
    if args.json is not None:
        figures = [
            {"bundle": b.info.name, **dataclasses.asdict(r)}
            for b, r in zip(bundles, results, strict=True)
        ]
        args.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return describe(results)


def trained_settings(info: BundleInfo, digest: str) -> dict[str, Any]:
    """The training's configuration if the bag of this hash was part of it, else nothing."""
    known = {bag.get("sha256") for bag in info.training.get("bags", [])}
    return dict(info.training.get("configuration", {})) if digest in known else {}


def test_fraction(wanted: float | None, trained: dict[str, Any], path: Path) -> float:
    """The share of the bag to measure on; never more than what the training kept out."""
    kept = float(trained["test_fraction"]) if trained else None
    if kept is not None and wanted is not None and wanted > kept:
        raise UsageError(
            f"{path} was trained on the first {100 * (1 - kept):.0f} % of this bag; "
            f"--test-fraction can be at most {kept}"
        )
    share = wanted if wanted is not None else kept if kept is not None else 0.4
    if not 0 < share < 1:
        raise UsageError(
            f"nothing of this bag was kept out of the training of {path}; measure on another bag"
        )
    return share


def read_options(
    args: argparse.Namespace, info: BundleInfo, trained: dict[str, Any]
) -> ReadOptions:
    """How the bag is read: flags first, else as for the training."""
    offset = offset_settings(args.odom_offset) or {
        name: trained[name] for name in ("odom_offset_s", "odom_offset_auto") if name in trained
    }
    return ReadOptions(
        image_topic=args.image_topic or trained.get("image_topic") or None,
        odom_topic=args.odom_topic or trained.get("odom_topic") or None,
        image_size=(info.image_size[0], info.image_size[1]),
        **offset,
    )


def describe(results: list[Comparison]) -> str:
    """Rows of all results together, one figure or mean and spread a cell."""
    rows = {name: [result.rows[name] for result in results] for name in results[0].rows}
    ratio = ", ".join(f"{r.expected_error_ratio:.2f}" for r in results)
    order = ", ".join(f"{r.expected_error_rank:.2f}" for r in results)
    rank = ", ".join(f"{r.effective_rank:.1f}" for r in results)
    spread = float(np.mean([r.rows["bundle's map"].mrr_spread for r in results]))
    said = f"±: standard deviation over {len(results)} bundles; " if len(results) > 1 else ""
    return (
        f"{results[0].pairs} pairs 0.5 s apart in {results[0].test_seconds:.0f} s\n{table(rows)}\n\n"
        f"expected over real error {ratio}; their rank correlation {order}; effective rank {rank}\n"
        f"{said}MRR varies by {spread:.3f} over draws of the candidates\n{EXPLANATION}"
    )
