"""Train on bags and leave a bundle.

Reads camera and odometry of each BAG, learns an encoder whose embedding varies slowly and moves
predictably with the robot, and leaves what the robot needs in RUN/bundle. The end of each bag
(--test-fraction) is kept out of training; the figures that are printed come from there.

    slowfeat train my_bag --out runs/first
    slowfeat train monday tuesday --out runs/both --odom-offset auto

The same command continues a run that was stopped.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

HELP = "learn from bags: BAG... --out RUN leaves RUN/bundle"


def add_bag_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags that say how a bag is read, shared by the commands that read bags."""
    parser.add_argument("--image-topic", metavar="T", help="image topic, where the bag has several")
    parser.add_argument(
        "--odom-topic", metavar="T", help="odometry topic, where the bag has several"
    )
    parser.add_argument(
        "--odom-offset",
        metavar="S|auto",
        type=seconds_or_auto,
        help="seconds added to the odometry's stamps, for clocks that disagree; auto finds them from "
        "the images (default 0)",
    )


def seconds_or_auto(text: str) -> float | str:
    """The value of --odom-offset."""
    if text == "auto":
        return text
    value = float(text)
    if not abs(value) <= 60:
        raise ValueError
    return value


def offset_settings(value: float | str | None) -> dict[str, Any]:
    """The settings that --odom-offset stands for; nothing where the flag was not given."""
    if value is None:
        return {}
    return {"odom_offset_auto": True} if value == "auto" else {"odom_offset_s": value}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `slowfeat train`."""
    from slowfeat_trainer.config import ABOUT_PRESETS, TrainConfig

    default = TrainConfig()
    parser.add_argument(
        "bags", nargs="+", type=Path, metavar="BAG", help="rosbag2 folder or file, or .bag"
    )
    parser.add_argument("--out", required=True, type=Path, metavar="RUN", help="folder of the run")
    methods = "; ".join(f"{name}: {text}" for name, text in ABOUT_PRESETS.items())
    parser.add_argument(
        "--preset",
        default=default.preset,
        metavar="NAME",
        help=f"method ({methods}); default %(default)s",
    )
    add_bag_arguments(parser)
    numbers = [
        ("--steps", "steps", int, "updates"),
        ("--batch-size", "batch_size", int, "pairs a batch"),
        ("--learning-rate", "learning_rate", float, "peak learning rate"),
        ("--dimension", "dimension", int, "length D of the embedding"),
        ("--patterns", "patterns", int, "number of motion patterns"),
        ("--max-gap", "max_gap_s", float, "largest time between the frames of a pair, seconds"),
        (
            "--test-fraction",
            "test_fraction",
            float,
            "share of each bag, its end, kept for the figures",
        ),
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
    parser.add_argument("--overwrite", action="store_true", help="start an existing run anew")


def run(args: argparse.Namespace) -> int:
    """Train, export, and print the table of held-out figures."""
    from slowfeat_trainer.config import config_of_preset

    config = config_of_preset(
        args.preset,
        image_topic=args.image_topic,
        odom_topic=args.odom_topic,
        **offset_settings(args.odom_offset),
        steps=args.steps,
        batch_size=args.batch_size,
        learning_rate=args.learning_rate,
        dimension=args.dimension,
        patterns=args.patterns,
        max_gap_s=args.max_gap_s,
        test_fraction=args.test_fraction,
        seed=args.seed,
    )
    from slowfeat_trainer.evaluation.report_text import describe_bundle
    from slowfeat_trainer.runs import train_run

    bundle = train_run(args.bags, args.out, config, args.overwrite)
    if bundle is None:
        print(f"{args.out} is finished already; --overwrite trains it anew")
        return 0
    print(describe_bundle(bundle.info))
    print(f"\nbundle: {bundle.path}   next: slowfeat run --model {args.out}")
    return 0
