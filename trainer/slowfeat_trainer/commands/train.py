"""Train on bags and leave a bundle.

Reads camera and odometry of each BAG (or opens a DATASET that slowfeat ingest made), learns an encoder
whose embedding varies slowly and moves predictably with the robot, and leaves what the robot needs in
RUN/bundle. The end of each bag (--test-fraction) is kept out of training; the figures that are printed
come from there.

    slowfeat train my_bag --out runs/first
    slowfeat train monday tuesday --out runs/both --odom-offset auto
    slowfeat train datasets/fleet --out runs/fleet

The same command continues a run that was stopped.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from slowfeat_trainer.commands.reading import (
    add_bag_arguments,
    add_frame_arguments,
    add_split_arguments,
    reading_changes,
    split_changes,
)

HELP = "learn from bags: BAG... --out RUN leaves RUN/bundle"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `slowfeat train`."""
    from slowfeat_trainer.config import AUGMENTS, TrainConfig
    from slowfeat_trainer.presets import PRESETS

    default = TrainConfig()
    parser.add_argument(
        "bags",
        nargs="+",
        metavar="BAG|DATASET",
        help="bags of any kind (globs are expanded), or one dataset of slowfeat ingest",
    )
    parser.add_argument("--out", required=True, type=Path, metavar="RUN", help="folder of the run")
    parser.add_argument(
        "--preset",
        default=default.preset,
        metavar="NAME",
        help=f"method: {', '.join(PRESETS)}; slowfeat presets explains them (default %(default)s)",
    )
    add_bag_arguments(parser)
    add_frame_arguments(parser)
    parser.add_argument(
        "--labels",
        metavar="CSV",
        help="classes of stretches of the bags (columns bag, from_s, to_s, label), learned jointly with "
        "any preset of a pooled code",
    )
    numbers = [
        ("--steps", "steps", int, "updates"),
        ("--batch-size", "batch_size", int, "pairs a batch"),
        ("--learning-rate", "learning_rate", float, "peak learning rate"),
        ("--dimension", "dimension", int, "length D of the embedding"),
        ("--patterns", "patterns", int, "number of motion patterns"),
        ("--max-gap", "max_gap_s", float, "largest time between the frames of a pair, seconds"),
        ("--seed", "seed", int, "seed of everything that is drawn"),
    ]
    for flag, name, kind, text in numbers:
        parser.add_argument(
            flag,
            dest=name,
            type=kind,
            metavar="N",
            help=f"{text} (default {getattr(default, name)})",
        )
    parser.add_argument(
        "--augment",
        nargs="+",
        choices=AUGMENTS,
        metavar="NAME",
        help=f"change the pictures of each batch, its frames alike: {', '.join(AUGMENTS)} (default none)",
    )
    add_split_arguments(parser)
    parser.add_argument("--overwrite", action="store_true", help="start an existing run anew")


def run(args: argparse.Namespace) -> int:
    """Train, export, and print the table of held-out figures."""
    from dataclasses import replace

    from slowfeat_trainer.config import config_of_preset
    from slowfeat_trainer.ingest.options import IngestOptions, SplitRule

    config = config_of_preset(
        args.preset,
        reading=replace(IngestOptions(), **reading_changes(args)),
        split=replace(SplitRule(), **split_changes(args)),
        labels=args.labels,
        steps=args.steps,
        batch_size=args.batch_size,
        learning_rate=args.learning_rate,
        dimension=args.dimension,
        patterns=args.patterns,
        max_gap_s=args.max_gap_s,
        seed=args.seed,
        augment=args.augment,
    )
    from slowfeat_trainer.bags import expand
    from slowfeat_trainer.distributed import is_first, process_group
    from slowfeat_trainer.evaluation.report_text import describe_bundle
    from slowfeat_trainer.ingest.dataset import is_dataset
    from slowfeat_trainer.runs import train_run

    given = [Path(text) for text in args.bags]
    paths = given if any(is_dataset(path) for path in given) else expand(given)
    with process_group():
        bundle = train_run(paths, args.out, config, args.overwrite)
        if not is_first():
            return 0
    if bundle is None:
        print(f"{args.out} is finished already; --overwrite trains it anew")
        return 0
    print(describe_bundle(bundle.info))
    print(f"\nbundle: {bundle.path}   next: slowfeat run --model {args.out}")
    return 0
