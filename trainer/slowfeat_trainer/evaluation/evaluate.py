"""`slowfeat evaluate`: bundles on a bag, read as each bundle's training would have read it."""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np

from slowfeat.bundle import Bundle, load_bundle
from slowfeat.encoder import Encoder
from slowfeat.errors import UsageError
from slowfeat_trainer.bags import bag_sha256
from slowfeat_trainer.commands.reading import reading_changes
from slowfeat_trainer.evaluation.compare import Comparison, compare, table
from slowfeat_trainer.evaluation.report_text import EXPLANATION
from slowfeat_trainer.ingest.chunks import Shrink
from slowfeat_trainer.ingest.dataset import Dataset, is_dataset, open_dataset
from slowfeat_trainer.ingest.ingest import tell
from slowfeat_trainer.ingest.ingest_bag import read_recording
from slowfeat_trainer.ingest.of_bundle import Reading, reading_for
from slowfeat_trainer.ingest.options import SplitRule
from slowfeat_trainer.pairs import Split, split_by_time, split_recordings
from slowfeat_trainer.terminal import bar_filler, progress_bar, say


def evaluate_bundles(args: argparse.Namespace) -> str:
    """The table of one or several bundles, as text.

    Raises:
        UsageError: a path is wrong, or a flag contradicts what a bundle was trained on.
    """
    bundles = [load_bundle(path) for path in args.bundles]
    if not args.on.exists():
        raise UsageError(f"{args.on} does not exist; give a bag's folder or file, or a dataset")
    digest = "" if is_dataset(args.on) else bag_sha256(args.on)
    results = []
    for number, bundle in enumerate(bundles):
        split = split_for(bundle, args.on, digest, args.test_fraction, reading_changes(args))
        results.append(compare(Encoder(bundle, provider="cpu"), split, seed=number))
    if args.json is not None:
        figures = [
            {"bundle": b.info.name, **dataclasses.asdict(r)}
            for b, r in zip(bundles, results, strict=True)
        ]
        args.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return describe(results)


def split_for(
    bundle: Bundle, on: Path, digest: str, wanted: float | None, changes: dict[str, Any]
) -> Split:
    """A bag's or a dataset's frames, divided so that the bundle has seen nothing of the test part.

    Raises:
        UsageError: a flag contradicts what the bundle was trained on, or the dataset does not fit it.
        BagError: the bag cannot be used.
    """
    if is_dataset(on):
        return _split_of_dataset(bundle, open_dataset(on), wanted, changes)
    reading = reading_for(bundle.info, digest, changes)
    test = test_fraction(wanted, reading, bundle.path)
    with progress_bar(1, f"read {on.name}", "frame") as bar:
        recording = read_recording(on, reading.options, bar_filler(bar), digest)
    tell(on, recording)
    where = "the end kept out of its training" if reading.trained else "a bag that it has not seen"
    if reading.kept_out_whole:
        where = "a bag kept out of its training"
    say(f"{bundle.path}: measured on the last {100 * test:.0f} % of {on}, {where}")
    return split_by_time([recording], test, (reading.trained or SplitRule()).calibration)


def _split_of_dataset(
    bundle: Bundle, dataset: Dataset, wanted: float | None, changes: dict[str, Any]
) -> Split:
    recordings = dataset.recordings()
    known = {bag.get("sha256") for bag in bundle.info.training.get("bags", [])}
    if (
        changes
        or list(Shrink(dataset.options.image_size, dataset.options.crop).whole)
        != (bundle.info.image_size)
        or any(dataset.options.crop)
    ):
        raise UsageError(
            f"{dataset.path} was read already, and not for {bundle.path}, which takes whole pictures of "
            f"{bundle.info.image_size[1]}x{bundle.info.image_size[0]}: measure on the bags themselves"
        )
    shared = [r for r in recordings if r.sha256 in known]
    if shared and len(shared) < len(recordings):
        raise UsageError(
            f"{bundle.path} was trained on {len(shared)} of the {len(recordings)} bags of {dataset.path}; "
            "measure on a dataset of bags that it knows all or none of"
        )
    rule = dataset.split
    if shared:
        rule = reading_for(bundle.info, shared[0].sha256, {}).trained or rule
    elif wanted is not None:
        rule = dataclasses.replace(rule, test=wanted)
    where = "what its training kept out" if shared else "bags that it has not seen"
    say(f"{bundle.path}: measured on the test part of {dataset.path}, {where}")
    return split_recordings(recordings, rule)


def test_fraction(wanted: float | None, reading: Reading, path: Path) -> float:
    """The share of the bag to measure on; never more than what the training kept out."""
    kept = reading.trained.test if reading.trained and not reading.kept_out_whole else None
    if kept is not None and reading.trained and reading.trained.by == "bag":
        kept = 0.0
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


def describe(results: list[Comparison]) -> str:
    """Rows of all results together, one figure or mean and spread a cell."""
    rows = {name: [result.rows[name] for result in results] for name in results[0].rows}
    ratio = ", ".join(f"{r.expected_error_ratio:.2f}" for r in results)
    order = ", ".join(f"{r.expected_error_rank:.2f}" for r in results)
    rank = ", ".join(f"{r.effective_rank:.1f}" for r in results)
    composed = ", ".join(f"{r.composition_error or 0.0:.2f}" for r in results)
    spread = float(np.mean([r.rows["bundle's map"].mrr_spread for r in results]))
    said = f"±: standard deviation over {len(results)} bundles; " if len(results) > 1 else ""
    return (
        f"{results[0].pairs} pairs 0.5 s apart in {results[0].test_seconds:.0f} s\n{table(rows)}\n\n"
        f"expected over real error {ratio}; their rank correlation {order}; effective rank {rank}; "
        f"composition error {composed}\n"
        f"{said}MRR varies by {spread:.3f} over draws of the candidates\n{EXPLANATION}"
    )
